// SPDX-License-Identifier: MIT
/*
 * The sleeplock: a lock whose waiters sleep.  The algorithm.
 *
 * This header is part of the specification of lab 1-locks; sleeplock.c is what
 * a student writes.  Ranks, statistics and reports are in mutex.c above it.
 *
 *   1. One owner.  A release by another thread, or an acquire by the owner, is
 *      a panic that names the lock.
 *   2. Hand-off: a release with waiters makes the first that came the owner,
 *      and wakes only it; nobody can take the lock in between.
 *   3. A waiter costs no processor time.
 *   4. Interruptible and timed waits end with -EINTR or -ETIMEDOUT and leave
 *      nothing behind: if the lock was handed over in the same moment, the
 *      waiter owns it and returns 0.  Never earlier than the deadline.
 *   5. sleeplock_try() never sleeps, and fails while others wait.
 */
#pragma once

#include "sched/sleep.h"

struct thread;

/*
 *   g  guard
 *   I  fixed at initialisation
 */
struct sleeplock {
	struct spinlock guard;
	struct thread *owner;   // [g] NULL while free
	struct waitqueue queue; // [g]
	const char *name;       // [I]
};

void sleeplock_init(struct sleeplock *l, const char *name);
// 0, -EINTR or -ETIMEDOUT.  deadline in ns since boot or DEADLINE_NONE.
int sleeplock_acquire(struct sleeplock *l, enum sleep_flags flags, uint64_t deadline);
bool sleeplock_try(struct sleeplock *l);
void sleeplock_release(struct sleeplock *l);
bool sleeplock_owned(struct sleeplock *l);
