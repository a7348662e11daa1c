// SPDX-License-Identifier: MIT
/*
 * The one sleep.
 *
 * Waiting is always
 *
 *	spin_lock(&guard);
 *	while (!condition) {
 *		int error = sleep_on(&queue, &guard, SLEEP_INTERRUPTIBLE, deadline);
 *		if (error)
 *			break;
 *	}
 *	...
 *	spin_unlock(&guard);
 *
 * and waking is changing the condition and then wake_one() or wake_all() under
 * the same guard.  A sleep ends by exactly one of: woken, interrupted, timed
 * out; who wins is decided under the thread's lock, never by reading a clock.
 */
#pragma once

#include "lib/list.h"
#include "lock/spinlock.h"
#include "sched/timeout.h"

struct thread;

#define DEADLINE_NONE TIMEOUT_NEVER

enum sleep_flags {
	SLEEP_UNINTERRUPTIBLE = 0,
	SLEEP_INTERRUPTIBLE = 1,
};

/*
 * Sleepers in the order in which they came.
 *   g  the guard that the sleepers pass
 */
struct waitqueue {
	struct list waiters; // [g]
	const char *name;    // what is waited for, for reports
};

#define WAITQUEUE_INIT(q, what)                \
	{                                      \
		LIST_INIT((q).waiters), (what) \
	}

void waitqueue_init(struct waitqueue *q, const char *name);
bool waitqueue_empty(const struct waitqueue *q);
unsigned waitqueue_count(const struct waitqueue *q);

// Sleep until woken, with guard given back meanwhile and held again on return.
// Returns 0 if woken, -EINTR if interruptible and a signal waits (also if it
// waited before), -ETIMEDOUT if deadline (ns since boot) has passed.  At a
// deadline that is past already it returns -ETIMEDOUT without sleeping.
int sleep_on(struct waitqueue *q, struct spinlock *guard, enum sleep_flags flags,
	     uint64_t deadline);

// Wake the first sleeper, or all.  The guard is held.  Returns how many.
unsigned wake_one(struct waitqueue *q);
unsigned wake_all(struct waitqueue *q);
// Wake the first sleeper and return it, NULL if there is none.  It can't return
// from its sleep before the guard is given back, so it may be made the owner of
// what it waits for.
struct thread *wake_first(struct waitqueue *q);

// Sleep until a time.  0 or -EINTR.
int sleep_until(uint64_t deadline, enum sleep_flags flags);

// A signal waits for t: end its interruptible sleep, now and later, until
// thread_uninterrupt().  Any context.
void thread_interrupt(struct thread *t);
void thread_uninterrupt(struct thread *t);
