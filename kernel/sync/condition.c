// SPDX-License-Identifier: MIT
/*
 * Conditions.
 *
 * The waiter takes the condition's guard, then gives the mutex back, then
 * sleeps, which gives the guard back.  Who signals has held the mutex since it
 * changed the condition, so it comes after the first step of each waiter that
 * hasn't seen the change, and must wait for the guard until that one sleeps.
 *
 * The guard is taken outside of the sleeplock's own, hence its lower rank.
 */
#include "sync/condition.h"

#include "sync/sync_impl.h"

static struct lock_class guard_class = LOCK_CLASS("condition", RANK_WAIT);

void
condition_init(struct condition *c, const char *name)
{
	spin_init(&c->guard, &guard_class);
	waitqueue_init(&c->queue, name);
}

int
condition_wait(struct condition *c, struct mutex *m, enum sleep_flags flags, uint64_t deadline)
{
	spin_lock(&c->guard);
	mutex_unlock(m);
	int error = sleep_on(&c->queue, &c->guard, flags, deadline);
	spin_unlock(&c->guard);
	mutex_lock_at(m, (uint64_t)__builtin_return_address(0));
	return error;
}

void
condition_signal(struct condition *c)
{
	spin_lock(&c->guard);
	wake_one(&c->queue);
	spin_unlock(&c->guard);
}

void
condition_broadcast(struct condition *c)
{
	spin_lock(&c->guard);
	wake_all(&c->queue);
	spin_unlock(&c->guard);
}
