// SPDX-License-Identifier: MIT
/*
 * The list of those who can give memory back.
 */
#include "mm/reclaim.h"

#include "lib/panic.h"

#define RECLAIMERS_MAX 4

static struct {
	const char *name;
	reclaim_fn fn;
} reclaimer[RECLAIMERS_MAX];
static unsigned reclaimers;

void
reclaim_register(const char *name, reclaim_fn fn)
{
	assert(reclaimers < RECLAIMERS_MAX);
	reclaimer[reclaimers].name = name;
	reclaimer[reclaimers].fn = fn;
	reclaimers++;
}

uint64_t
reclaim_pages(uint64_t n)
{
	uint64_t freed = 0;

	for (unsigned i = 0; i < reclaimers && freed < n; i++)
		freed += reclaimer[i].fn(n - freed);
	return freed;
}
