// SPDX-License-Identifier: MIT
// The one sleep: woken, interrupted or late, exactly one of them, at every
// interleaving that the seeds give.
// kernel: sched/sleep.c lock/rank.c
// fakes: threads.c time.c print.c
#include "sched/sleep.h"

#include "abi/errno.h"
#include "sched/sleep_rig.h"

#define SEEDS 150

static struct lock_class guard_class = LOCK_CLASS("guard", RANK_WAIT);
static struct spinlock guard = SPINLOCK_INIT(&guard_class);
static struct waitqueue queue;

static void
begin(void)
{
	rig_enter();
	waitqueue_init(&queue, "the test");
}

// ---- A condition -------------------------------------------------------------

static unsigned tokens, taken;

static void
taker(void *arg)
{
	(void)arg;
	rig_enter();
	for (unsigned i = 0; i < 5; i++) {
		spin_lock(&guard);
		while (tokens == 0)
			CHECK_EQ(sleep_on(&queue, &guard, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE), 0);
		tokens--;
		taken++;
		spin_unlock(&guard);
	}
}

static void
giver(void *arg)
{
	(void)arg;
	rig_enter();
	for (unsigned i = 0; i < 10; i++) {
		spin_lock(&guard);
		tokens++;
		wake_one(&queue);
		spin_unlock(&guard);
	}
}

static void
no_wake_up_is_lost_(void)
{
	begin();
	for (unsigned i = 0; i < 4; i++)
		fake_thread_run("taker", taker, NULL);
	for (unsigned i = 0; i < 2; i++)
		fake_thread_run("giver", giver, NULL);
	fake_threads_join(); // or it says who sleeps for ever
	CHECK_EQ(taken, 20);
	CHECK_EQ(tokens, 0);
	CHECK(waitqueue_empty(&queue));
}

TEST(no_wake_up_is_lost)
{
	fake_for_seeds(SEEDS, no_wake_up_is_lost_);
}

// ---- One outcome -------------------------------------------------------------

#define SLEEPERS 4

static struct thread *sleeper[SLEEPERS];
static unsigned woken, late, interrupted, woke;
static bool over;

static void
sleeps(void *arg)
{
	rig_enter();
	sleeper[(uintptr_t)arg] = thread_current();
	for (unsigned i = 0; i < 30; i++) {
		uint64_t deadline = time_ns() + fake_random(40000);
		enum sleep_flags flags = fake_random(2) ? SLEEP_INTERRUPTIBLE : 0;
		spin_lock(&guard);
		int error = sleep_on(&queue, &guard, flags, deadline);
		switch (error) {
		case 0:
			woken++;
			break;
		case -ETIMEDOUT:
			CHECK(time_ns() >= deadline);
			late++;
			break;
		case -EINTR:
			CHECK_EQ(flags, SLEEP_INTERRUPTIBLE);
			interrupted++;
			break;
		default:
			CHECK_EQ(error, 0);
		}
		CHECK(spin_held(&guard));
		CHECK_EQ(thread_current()->sleeper, NULL);
		spin_unlock(&guard);
		thread_uninterrupt(thread_current());
	}
}

static void
wakes(void *arg)
{
	(void)arg;
	rig_enter();
	while (!over) {
		spin_lock(&guard);
		woke += fake_random(3) == 0 ? wake_all(&queue) : wake_one(&queue);
		spin_unlock(&guard);
		fake_threads_wait(fake_random(30000));
	}
}

static void
interrupts(void *arg)
{
	(void)arg;
	rig_enter();
	while (!over) {
		struct thread *t = sleeper[fake_random(SLEEPERS)];
		if (t != NULL)
			thread_interrupt(t);
		fake_threads_wait(fake_random(30000));
	}
}

static void
one_outcome_(void)
{
	begin();
	fake_thread_run("sleeper", sleeps, (void *)0);
	fake_thread_run("sleeper", sleeps, (void *)1);
	fake_thread_run("sleeper", sleeps, (void *)2);
	fake_thread_run("sleeper", sleeps, (void *)3);
	struct thread *t;
	thread_create("waker", NULL, wakes, NULL, &t);
	thread_start(t);
	thread_create("interrupter", NULL, interrupts, NULL, &t);
	thread_start(t);
	fake_threads_join();
	CHECK_EQ(woken + late + interrupted, SLEEPERS * 30);
	CHECK_EQ(woke, woken);
	CHECK(waitqueue_empty(&queue));
	CHECK(woken > 0 && late > 0);
	for (unsigned i = 0; i < RIG_TIMERS; i++)
		CHECK_EQ(rig_timers[i].pending, NULL);
}

TEST(woken_interrupted_or_late_but_one_of_them)
{
	fake_for_seeds(SEEDS, one_outcome_);
}

// ---- Order -------------------------------------------------------------------

static struct thread *came[5];
static unsigned came_count;

static void
in_order(void *arg)
{
	(void)arg;
	rig_enter();
	spin_lock(&guard);
	came[came_count++] = thread_current();
	CHECK_EQ(sleep_on(&queue, &guard, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE), 0);
	spin_unlock(&guard);
}

static void
first_come_first_woken_(void)
{
	begin();
	for (uintptr_t i = 0; i < 5; i++)
		fake_thread_run("sleeper", in_order, (void *)i);
	while (came_count < 5 || waitqueue_count(&queue) < 5)
		fake_threads_wait(1000);
	spin_lock(&guard);
	for (unsigned i = 0; i < 5; i++)
		CHECK_EQ(wake_first(&queue), came[i]);
	CHECK_EQ(wake_first(&queue), NULL);
	spin_unlock(&guard);
	fake_threads_join();
}

TEST(first_come_first_woken)
{
	fake_for_seeds(50, first_come_first_woken_);
}

// ---- Without sleeping --------------------------------------------------------

static void
at_once_(void)
{
	begin();
	spin_lock(&guard);
	CHECK_EQ(sleep_on(&queue, &guard, SLEEP_UNINTERRUPTIBLE, time_ns()), -ETIMEDOUT);
	CHECK_EQ(sleep_on(&queue, &guard, SLEEP_UNINTERRUPTIBLE, 0), -ETIMEDOUT);
	spin_unlock(&guard);

	thread_interrupt(thread_current());
	spin_lock(&guard);
	uint64_t soon = time_ns() + 100000;
	CHECK_EQ(sleep_on(&queue, &guard, SLEEP_INTERRUPTIBLE, DEADLINE_NONE), -EINTR);
	CHECK_EQ(sleep_on(&queue, &guard, SLEEP_INTERRUPTIBLE, soon), -EINTR);
	CHECK(time_ns() < soon);
	CHECK_EQ(sleep_on(&queue, &guard, SLEEP_UNINTERRUPTIBLE, soon), -ETIMEDOUT);
	CHECK(time_ns() >= soon);
	spin_unlock(&guard);
	thread_uninterrupt(thread_current());

	soon = time_ns() + 100000;
	CHECK_EQ(sleep_until(soon, SLEEP_INTERRUPTIBLE), 0);
	CHECK(time_ns() >= soon);
	thread_interrupt(thread_current());
	CHECK_EQ(sleep_until(time_ns() + 100000, SLEEP_INTERRUPTIBLE), -EINTR);
	CHECK(waitqueue_empty(&queue));
}

TEST(past_deadlines_and_waiting_signals_do_not_sleep)
{
	fake_for_seeds(20, at_once_);
}

TEST(without_the_guard_is_a_panic)
{
	fake_threads_begin(1);
	begin();
	CHECK_PANIC("without its guard",
		    sleep_on(&queue, &guard, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE));
}

TEST(with_interrupts_off_is_a_panic)
{
	fake_threads_begin(1);
	begin();
	thread_current()->arch.intr_depth = 2;
	spin_lock(&guard);
	CHECK_PANIC("interrupts off",
		    sleep_on(&queue, &guard, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE));
}

TEST(an_idle_thread_must_not)
{
	fake_threads_begin(1);
	begin();
	thread_current()->arch.hart->idle = arch_current();
	spin_lock(&guard);
	CHECK_PANIC("must not", sleep_on(&queue, &guard, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE));
}
