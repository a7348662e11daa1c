// SPDX-License-Identifier: MIT
/*
 * For locks that are not a mutex (vnodes' three-level locks): the same check of
 * the order, the current thread's list, and the bounded wait's report.
 */
#pragma once

#include "lock/rank.h"
#include "sched/timeout.h"

struct thread;

void ranked_acquire(const void *lock, struct lock_class *class, uint64_t site,
		    enum rank_nesting nesting);
void ranked_release(const void *lock, struct lock_class *class);
bool ranked_holds(const void *lock);
// Panic if the current thread holds a sleeping lock: on the way out of the
// kernel.
void ranked_assert_none(const char *where);

/*
 * One wait for a lock, on the stack of the thread that waits.  When it has
 * lasted for the bound (boot argument mutextimeout=, in ms, default 30000, 0 for
 * none) without the lock changing hands, it is reported, and again each minute:
 * who waits, who holds the lock, since when, from where, and their stacks.  That
 * the wait is too long can't be known, as it can for a spinlock: a disk may be
 * slow.  So it goes on.
 */
struct ranked_wait {
	const void *lock;
	struct lock_class *class;
	struct thread *thread;
	uint64_t site;
	uint64_t since_ns;
	const uint64_t *progress; // changes when the lock changes hands, or NULL
	uint64_t seen;            // its value at the last look
	struct timeout timer;
};

enum ranked_bound {
	RANKED_BOUNDED,
	RANKED_UNBOUNDED, // interruptible, or with a deadline of its own
};

// Around the wait for a lock that was not to be had at once.
void ranked_wait_begin(struct ranked_wait *w, const void *lock, struct lock_class *class,
		       uint64_t site, const uint64_t *progress, enum ranked_bound bound);
void ranked_wait_end(struct ranked_wait *w);

// Count that a lock of class was taken.
static inline void
ranked_count(struct lock_class *class)
{
	if (__atomic_fetch_add(&class->acquired, 1, __ATOMIC_RELAXED) == 0)
		lock_class_register(class);
}
