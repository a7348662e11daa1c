// SPDX-License-Identifier: MIT
/*
 * Spinlocks for one thread: nothing to wait for, so a lock that is taken twice
 * is a mistake.  The order of ranks is checked as the kernel does.
 */
#include "lock/spinlock.h"

#include "arch/hart.h"
#include "fakes/fake.h"

#define HELD_LIMIT 16

static const struct spinlock *held[HELD_LIMIT];
static unsigned held_count;

static void
acquire(struct spinlock *l, bool nested)
{
	enum lock_rank rank = l->class->rank;

	if (l->holder != NULL)
		check_fail("spinlock", 0, "%s is taken twice", l->class->name);
	if (rank < RANK_SPIN)
		check_fail("spinlock", 0, "%s has the rank of a sleeping lock", l->class->name);
	for (unsigned i = 0; i < held_count; i++) {
		const struct lock_class *other = held[i]->class;
		if (other->rank > rank || (other->rank == rank && !nested))
			check_fail("spinlock", 0, "%s is taken while %s is held", l->class->name,
				   other->name);
	}
	CHECK(held_count < HELD_LIMIT);
	intr_push();
	held[held_count++] = l;
	l->holder = arch_current();
}

void
spin_init(struct spinlock *l, struct lock_class *class)
{
	*l = (struct spinlock)SPINLOCK_INIT(class);
}

void
spin_lock(struct spinlock *l)
{
	acquire(l, false);
}

void
spin_lock_nested(struct spinlock *l)
{
	acquire(l, true);
}

bool
spin_trylock(struct spinlock *l)
{
	if (l->holder != NULL)
		return false;
	acquire(l, true);
	return true;
}

void
spin_unlock(struct spinlock *l)
{
	unsigned i = 0;

	while (i < held_count && held[i] != l)
		i++;
	if (i == held_count)
		check_fail("spinlock", 0, "%s is given back but not held", l->class->name);
	held[i] = held[--held_count];
	l->holder = NULL;
	intr_pop();
}

bool
spin_held(const struct spinlock *l)
{
	return l->holder != NULL;
}

unsigned
spin_held_count(void)
{
	return held_count;
}

void
assert_may_sleep(const char *what)
{
	if (held_count > 0)
		check_fail("spinlock", 0, "%s with %s held", what, held[0]->class->name);
}

uint64_t
lock_timeout_ns(void)
{
	return UINT64_MAX;
}

unsigned
fake_locks_held(void)
{
	return held_count;
}
