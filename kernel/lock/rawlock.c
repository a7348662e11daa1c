// SPDX-License-Identifier: MIT
/*
 * The raw lock: a ticket lock.
 *
 * Who comes draws a number from next; the lock belongs to the number in
 * serving.  Then:
 *
 *   1. Numbers are drawn by one atomic addition, so no two are the same, and
 *      they are served in the order in which they were drawn.
 *   2. Only the holder changes serving, so it needs no atomic addition.
 *   3. Both wrap around together; only equality is ever asked.
 *
 * The addition makes progress for every hart (an AMO, not a loop of LR and SC).
 * A queue of nodes (Mellor-Crummey and Scott, 1991) would let each hart spin on
 * a word of its own; with at most eight harts that is not worth its longer
 * unlock, and the node that the caller brings is left alone.
 */
#include "lock/rawlock.h"

void
raw_init(struct rawlock *l)
{
	*l = (struct rawlock){ 0 };
}

static bool
is_served(struct rawlock *l, uint32_t number)
{
	return __atomic_load_n(&l->serving, __ATOMIC_ACQUIRE) == number;
}

// Apart from raw_lock(), which is shorter where there is nothing to wait for.
static __attribute__((noinline)) void
wait_for(struct rawlock *l, uint32_t number, struct spin_wait *wait)
{
	do
		spin_pause(wait);
	while (!is_served(l, number));
}

void
raw_lock(struct rawlock *l, struct rawnode *me, struct spin_wait *wait)
{
	(void)me;
	uint32_t mine = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);

	if (!is_served(l, mine))
		wait_for(l, mine, wait);
}

bool
raw_trylock(struct rawlock *l, struct rawnode *me)
{
	(void)me;
	uint32_t mine = __atomic_load_n(&l->serving, __ATOMIC_RELAXED);

	// The lock is free if the next number to be drawn is the one served;
	// then drawing it is taking the lock.
	return __atomic_compare_exchange_n(&l->next, &mine, mine + 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

void
raw_unlock(struct rawlock *l, struct rawnode *me)
{
	(void)me;
	__atomic_store_n(&l->serving, l->serving + 1, __ATOMIC_RELEASE);
}
