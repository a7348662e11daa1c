// SPDX-License-Identifier: MIT
/*
 * Counters: one row a hart, added up when somebody asks.  The sum is not a
 * snapshot: harts go on counting while it is made.
 */
#include "lib/kstat.h"

struct kstat_hart kstat_harts[HART_MAX];

#define KSTAT_NAME(id, name, what) [KSTAT_##id] = (name),
static const char *const names[KSTAT_COUNT] = { KSTAT_LIST(KSTAT_NAME) };
#undef KSTAT_NAME

uint64_t
kstat_read(enum kstat id)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < HART_MAX; i++)
		sum += __atomic_load_n(&kstat_harts[i].value[id], __ATOMIC_RELAXED);
	return sum;
}

const char *
kstat_name(enum kstat id)
{
	return names[id];
}
