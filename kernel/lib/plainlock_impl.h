// SPDX-License-Identifier: MIT
/*
 * The lock under the kernel's messages.
 *
 * lib/ lies below lock/, and whatever goes wrong with a spinlock must still be
 * printed; so messages have a lock of their own: test and set, interrupts off,
 * no ranks and no statistics.  In a panic all plain locks are open to the hart
 * that panics (plain_locks_break()), since who held one may never go on.
 */
#pragma once

#include "arch/hart.h"

/*
 *   a  atomic
 *   h  the holder
 */
struct plain_lock {
	struct arch_thread *holder; // [a] NULL while free
	bool intr_were_on;          // [h] before it was taken
};

// Who panics, or NULL.  [a]
extern struct arch_thread *plain_locks_breaker;

static inline struct arch_thread *
plain_locks_broken(void)
{
	return __atomic_load_n(&plain_locks_breaker, __ATOMIC_ACQUIRE);
}

static inline bool
plain_trylock(struct plain_lock *l, struct arch_thread *me)
{
	struct arch_thread *nobody = NULL;

	return __atomic_compare_exchange_n(&l->holder, &nobody, me, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

// Take l.  Returns false, with nothing taken, if the caller holds it already or
// another hart panics.  Any context; early in boot, when there is no current
// thread yet, there is one hart and every try succeeds.
static inline bool
plain_lock(struct plain_lock *l)
{
	struct arch_thread *me = arch_current();
	bool intr_were_on = intr_enabled();

	intr_off();
	for (;;) {
		struct arch_thread *breaker = plain_locks_broken();
		if (breaker != NULL && breaker == me)
			return true;
		if (breaker == NULL && plain_trylock(l, me)) {
			l->intr_were_on = intr_were_on;
			return true;
		}
		if (breaker != NULL || __atomic_load_n(&l->holder, __ATOMIC_RELAXED) == me)
			break;
		cpu_relax();
	}
	if (intr_were_on)
		intr_on();
	return false;
}

static inline void
plain_unlock(struct plain_lock *l)
{
	bool intr_were_on = l->intr_were_on;

	__atomic_store_n(&l->holder, NULL, __ATOMIC_RELEASE);
	if (intr_were_on && plain_locks_broken() == NULL)
		intr_on();
}

// From now on the current thread gets every plain lock at once and no other
// thread gets any.
static inline void
plain_locks_break(void)
{
	__atomic_store_n(&plain_locks_breaker, arch_current(), __ATOMIC_RELEASE);
}
