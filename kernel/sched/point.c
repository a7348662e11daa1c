// SPDX-License-Identifier: MIT
/*
 * Perturbed schedules: with the boot argument schedseed=N, one in a few of the
 * points that the kernel passes gives way.  Which ones follows from N and how
 * many points were passed before, so where the machine itself repeats (one
 * hart, or icount) so does the schedule.
 */
#include "lib/bootargs.h"
#include "lib/random.h"
#include "sched/sched_impl.h"

// One in so many points yields.
#define POINT_ODDS 4

static uint64_t seed;   // 0: off
static uint64_t passed; // atomic

void
point_init(void)
{
	seed = bootargs_number("schedseed", 0);
}

void
sched_point(void)
{
	if (__builtin_expect(seed == 0, 1))
		return;
	// Interrupts are on, so no spinlock is held.
	if (!intr_enabled())
		return;

	uint64_t n = __atomic_fetch_add(&passed, 1, __ATOMIC_RELAXED);
	if (hash_u64(hash_u64(seed) + n) % POINT_ODDS == 0)
		sched_yield();
}
