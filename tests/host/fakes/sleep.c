// SPDX-License-Identifier: MIT
/*
 * The one sleep (sched/sleep.h) for one thread: nobody will wake it, so a sleep
 * ends at its deadline, to which the clock jumps; one without is a mistake.
 */
#include "sched/sleep.h"

#include "abi/errno.h"
#include "fakes/fake.h"
#include "lib/panic.h"

void
waitqueue_init(struct waitqueue *q, const char *name)
{
	list_init(&q->waiters);
	q->name = name;
}

bool
waitqueue_empty(const struct waitqueue *q)
{
	return list_empty(&q->waiters);
}

unsigned
waitqueue_count(const struct waitqueue *q)
{
	(void)q;
	return 0;
}

int
sleep_on(struct waitqueue *q, struct spinlock *guard, enum sleep_flags flags, uint64_t deadline)
{
	(void)flags;
	assert_held(guard);
	CHECK_EQ(fake_locks_held(), 1);
	if (deadline == DEADLINE_NONE)
		check_fail("sleep_on", 0, "waits for ever for %s", q->name);
	fake_time_set(deadline);
	return -ETIMEDOUT;
}

unsigned
wake_one(struct waitqueue *q)
{
	(void)q;
	return 0;
}

unsigned
wake_all(struct waitqueue *q)
{
	(void)q;
	return 0;
}
