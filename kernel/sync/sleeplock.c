// SPDX-License-Identifier: MIT
/*
 * The sleeplock: an owner and a queue of those who wait to be it.
 *
 *   1. The lock is free if and only if it has no owner, and it never is while
 *      somebody waits: who gives it back makes the first waiter the owner.
 *   2. So a waiter that was woken owns the lock already.  It doesn't look
 *      again, and there is nothing that it could find changed.
 *   3. A waiter that is interrupted or late has not been chosen, and can't be
 *      any more: that is decided once, for each sleep (sched/sleep.h).
 */
#include "sync/sleeplock.h"

#include "lib/panic.h"
#include "sched/thread.h"

static struct lock_class guard_class = LOCK_CLASS("sleeplock", RANK_SLEEPLOCK);

void
sleeplock_init(struct sleeplock *l, const char *name)
{
	spin_init(&l->guard, &guard_class);
	l->owner = NULL;
	waitqueue_init(&l->queue, name);
	l->name = name;
}

int
sleeplock_acquire(struct sleeplock *l, enum sleep_flags flags, uint64_t deadline)
{
	struct thread *self = thread_current();
	int error = 0;

	spin_lock(&l->guard);
	if (l->owner == self)
		panic("sleeplock %s taken again by its owner, thread %d (%s)", l->name,
		      self->arch.id, self->arch.name);
	if (l->owner == NULL)
		l->owner = self;
	else
		error = sleep_on(&l->queue, &l->guard, flags, deadline);
	spin_unlock(&l->guard);
	return error;
}

bool
sleeplock_try(struct sleeplock *l)
{
	spin_lock(&l->guard);
	bool taken = l->owner == NULL;
	if (taken)
		l->owner = thread_current();
	spin_unlock(&l->guard);
	return taken;
}

void
sleeplock_release(struct sleeplock *l)
{
	struct thread *self = thread_current();

	spin_lock(&l->guard);
	if (l->owner != self)
		panic("sleeplock %s given back by thread %d (%s), which does not own it", l->name,
		      self->arch.id, self->arch.name);
	l->owner = wake_first(&l->queue);
	spin_unlock(&l->guard);
}

bool
sleeplock_owned(struct sleeplock *l)
{
	// Nobody else can make the current thread the owner, or take that from it.
	return __atomic_load_n(&l->owner, __ATOMIC_RELAXED) == thread_current();
}
