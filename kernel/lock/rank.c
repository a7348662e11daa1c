// SPDX-License-Identifier: MIT
/*
 * The order of locks that sleep.  The list is the thread's own, so it needs no
 * lock; a release out of order leaves the rest in the order taken.
 */
#include "lock/rank.h"

#include "lib/backtrace.h"
#include "lib/panic.h"

_Noreturn static void
out_of_order(const struct held_lock *h, const void *lock, const struct lock_class *class,
	     uint64_t site)
{
	char here[96], there[96];

	backtrace_format(here, sizeof(here), site);
	backtrace_format(there, sizeof(there), h->site);
	if (h->lock == lock)
		panic("lock %s (%p) taken again by its holder\n"
		      "  now at %s\n  first at %s",
		      class->name, lock, here, there);
	panic("lock order: %s (%p, rank %d) wanted while %s (%p, rank %d) is held "
	      "(lock/order.h)\n  wanted at %s\n  held since %s",
	      class->name, lock, (int)class->rank, h->class->name, h->lock, (int)h->class->rank,
	      here, there);
}

static void
check_order(const struct held_locks *held, const void *lock, const struct lock_class *class,
	    uint64_t site, enum rank_nesting nesting)
{
	for (uint32_t i = 0; i < held->count; i++) {
		const struct held_lock *h = &held->entry[i];
		if (h->lock == lock ||
		    (nesting != RANK_NO_WAIT &&
		     (h->class->rank > class->rank ||
		      (h->class->rank == class->rank && nesting != RANK_NESTED_EQUAL))))
			out_of_order(h, lock, class, site);
	}
}

void
rank_acquire(struct held_locks *held, const void *lock, struct lock_class *class, uint64_t site,
	     enum rank_nesting nesting)
{
	if (held->count != 0)
		check_order(held, lock, class, site, nesting);
	if (held->count == HELD_MAX)
		panic("lock %s: a thread holds more than %d locks that sleep", class->name,
		      HELD_MAX);
	held->entry[held->count] = (struct held_lock){ lock, class, site };
	held->count++;
}

void
rank_release(struct held_locks *held, const void *lock, struct lock_class *class)
{
	for (uint32_t i = held->count; i-- > 0;) {
		if (held->entry[i].lock != lock)
			continue;
		held->count--;
		for (; i < held->count; i++)
			held->entry[i] = held->entry[i + 1];
		return;
	}
	panic("lock %s (%p) given back by a thread that does not hold it", class->name, lock);
}

bool
rank_holds(const struct held_locks *held, const void *lock)
{
	for (uint32_t i = 0; i < held->count; i++)
		if (held->entry[i].lock == lock)
			return true;
	return false;
}

void
rank_assert_none(const struct held_locks *held, const char *where)
{
	if (held->count == 0)
		return;

	char site[96];
	const struct held_lock *h = &held->entry[held->count - 1];
	backtrace_format(site, sizeof(site), h->site);
	panic("%s with %u locks held, the last one %s (%p) taken at %s", where, held->count,
	      h->class->name, h->lock, site);
}
