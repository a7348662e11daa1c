// SPDX-License-Identifier: MIT
/*
 * For units that link sched/sleep.c over fakes/threads.c: what sleep.c wants of
 * the scheduler and the timers.  Included once.
 */
#pragma once

#include "arch/time.h"
#include "check.h"
#include "fakes/fake.h"
#include "fakes/threads.h"
#include "lib/kstat.h"
#include "sched/sched_impl.h"
#include "sched/sleep.h"
#include "sched/timer.h"

struct kstat_hart kstat_harts[HART_MAX];

#define RIG_TIMERS 256

static struct rig_timer {
	struct timeout *pending;
	struct timeout *running;
} rig_timers[RIG_TIMERS];
static unsigned rig_next_timer;

static struct lock_class rig_thread_class = LOCK_CLASS("thread", RANK_THREAD);
static struct arch_thread rig_idle;

// Each thread calls this first.
static void
rig_enter(void)
{
	struct thread *t = thread_current();

	spin_init(&t->lock, &rig_thread_class);
	t->state = THREAD_RUNNING;
	// The fake spinlocks don't count interrupts: as with the guard held.
	t->arch.intr_depth = 1;
	t->arch.intr_were_on = 1;
	t->arch.hart->idle = &rig_idle;
}

void
sched_sleep(struct thread *t, struct spinlock *guard)
{
	t->state = THREAD_ASLEEP;
	spin_unlock(&t->lock);
	spin_unlock(guard);
	while (t->state == THREAD_ASLEEP)
		fake_thread_stop();
	t->state = THREAD_RUNNING;
}

void
sched_make_ready(struct thread *t, enum policy_why why)
{
	CHECK_EQ(t->state, THREAD_ASLEEP);
	CHECK_EQ(why, POLICY_WAKE);
	t->state = THREAD_READY;
	fake_thread_ready(t);
}

void
timer_setup(struct timeout *t, void (*fn)(void *arg), void *arg)
{
	list_init(&t->link);
	t->fn = fn;
	t->arg = arg;
}

static void
rig_expire(void *arg)
{
	struct rig_timer *r = arg;
	struct timeout *t = r->pending;

	if (t == NULL)
		return;
	CHECK(time_ns() >= t->when);
	r->pending = NULL;
	r->running = t;
	t->fn(t->arg);
	r->running = NULL;
}

void
timer_set(struct timeout *t, uint64_t when)
{
	struct rig_timer *r = &rig_timers[rig_next_timer++ % RIG_TIMERS];

	CHECK(r->pending == NULL && r->running == NULL);
	t->when = when;
	r->pending = t;
	fake_event(when > time_ns() ? when - time_ns() : 0, rig_expire, r);
}

int
timer_cancel_wait(struct timeout *t)
{
	for (unsigned i = 0; i < RIG_TIMERS; i++) {
		if (rig_timers[i].pending == t) {
			rig_timers[i].pending = NULL;
			return 1;
		}
	}
	for (unsigned i = 0; i < RIG_TIMERS; i++)
		while (rig_timers[i].running == t)
			fake_point();
	return 0;
}
