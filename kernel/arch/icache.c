// SPDX-License-Identifier: MIT
/*
 * Which hart has fetched since the last code was written (arch/icache.h).
 *
 * A generation counts writings of code.  Its increment is a release and a
 * hart's look at it an acquire, so the stores come before the hart's fence.i.
 */
#include "arch/icache.h"

#include "arch/hart.h"

static uint64_t generation;
static uint64_t seen[HART_MAX]; // by hart, written by itself with interrupts off

void
icache_follow(void)
{
	uint64_t *mine = &seen[this_hart()->index];
	uint64_t now = __atomic_load_n(&generation, __ATOMIC_ACQUIRE);

	if (*mine == now)
		return;
	*mine = now;
	asm volatile("fence.i" ::: "memory");
}

void
icache_written(void)
{
	__atomic_add_fetch(&generation, 1, __ATOMIC_ACQ_REL);
	intr_push();
	icache_follow();
	intr_pop();
}
