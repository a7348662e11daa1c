// SPDX-License-Identifier: MIT
// The sleeplock (sync/sleeplock.h), rule by rule, over the kernel's own sleep.
// kernel: sync/sleeplock.c sched/sleep.c lock/rank.c
// fakes: threads.c time.c print.c
#include "sync/sleeplock.h"

#include "abi/errno.h"
#include "sched/sleep_rig.h"

#define SEEDS 80

static struct sleeplock lock;

static void
begin(void)
{
	rig_enter();
	sleeplock_init(&lock, "the test");
}

static void
lock_it(void)
{
	CHECK_EQ(sleeplock_acquire(&lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE), 0);
	CHECK(sleeplock_owned(&lock));
}

// ---- One owner ---------------------------------------------------------------

static unsigned inside, counter;

static void
critical(void)
{
	CHECK_EQ(inside++, 0);
	unsigned n = counter;
	for (uint64_t i = fake_random(4); i > 0; i--)
		fake_point();
	counter = n + 1;
	CHECK_EQ(--inside, 0);
}

static void
worker(void *arg)
{
	(void)arg;
	rig_enter();
	for (unsigned i = 0; i < 20; i++) {
		if (fake_random(4) == 0) {
			if (!sleeplock_try(&lock))
				continue;
		} else {
			lock_it();
		}
		critical();
		sleeplock_release(&lock);
		CHECK(!sleeplock_owned(&lock));
	}
}

static void
one_owner_(void)
{
	begin();
	for (unsigned i = 0; i < 5; i++)
		fake_thread_run("worker", worker, NULL);
	fake_threads_join();
	CHECK(counter > 50);
	CHECK(sleeplock_try(&lock));
}

TEST(one_owner)
{
	fake_for_seeds(SEEDS, one_owner_);
}

// ---- Hand-off ----------------------------------------------------------------

static unsigned came, order[6];

static void
in_line(void *arg)
{
	rig_enter();
	lock_it();
	order[came++] = (unsigned)(uintptr_t)arg;
	CHECK(!sleeplock_try(&lock));
	fake_point();
	sleeplock_release(&lock);
}

static void
await_waiters(unsigned n)
{
	while (waitqueue_count(&lock.queue) < n)
		fake_threads_wait(1000);
}

static void
first_come_first_served_(void)
{
	begin();
	lock_it();
	for (unsigned i = 0; i < 5; i++) {
		fake_thread_run("waiter", in_line, (void *)(uintptr_t)i);
		await_waiters(i + 1);
	}
	sleeplock_release(&lock);
	CHECK(!sleeplock_try(&lock)); // the first waiter's already
	lock_it();                    // behind them all
	CHECK_EQ(came, 5);
	for (unsigned i = 0; i < 5; i++)
		CHECK_EQ(order[i], i);
	sleeplock_release(&lock);
	fake_threads_join();
}

TEST(first_come_first_served)
{
	fake_for_seeds(SEEDS, first_come_first_served_);
}

// A release wakes one, not all.
static void
wakes_one_(void)
{
	begin();
	lock_it();
	for (uintptr_t i = 0; i < 5; i++)
		fake_thread_run("waiter", in_line, (void *)i);
	await_waiters(5);
	sleeplock_release(&lock);
	fake_threads_join();
	CHECK_EQ(kstat_harts[0].value[KSTAT_WAKEUPS], 5);
}

TEST(one_wake_up_for_one_release)
{
	fake_for_seeds(50, wakes_one_);
}

// ---- Waits that end otherwise ------------------------------------------------

static struct thread *waiter[4];
static unsigned had, late, interrupted;
static bool over;

static void
impatient(void *arg)
{
	rig_enter();
	waiter[(uintptr_t)arg] = thread_current();
	for (unsigned i = 0; i < 20; i++) {
		uint64_t deadline = fake_random(3) ? time_ns() + fake_random(60000) : DEADLINE_NONE;
		enum sleep_flags flags = fake_random(2) ? SLEEP_INTERRUPTIBLE : 0;
		switch (sleeplock_acquire(&lock, flags, deadline)) {
		case 0:
			CHECK(sleeplock_owned(&lock));
			critical();
			sleeplock_release(&lock);
			had++;
			break;
		case -ETIMEDOUT:
			CHECK(time_ns() >= deadline);
			CHECK(!sleeplock_owned(&lock));
			late++;
			break;
		case -EINTR:
			CHECK_EQ(flags, SLEEP_INTERRUPTIBLE);
			CHECK(!sleeplock_owned(&lock));
			interrupted++;
			break;
		default:
			CHECK(false);
		}
		thread_uninterrupt(thread_current());
	}
}

static void
interrupter(void *arg)
{
	(void)arg;
	rig_enter();
	while (!over) {
		struct thread *t = waiter[fake_random(4)];
		if (t != NULL)
			thread_interrupt(t);
		fake_threads_wait(fake_random(20000));
	}
}

static void
nothing_is_left_behind_(void)
{
	struct thread *t;

	begin();
	for (uintptr_t i = 0; i < 4; i++)
		fake_thread_run("impatient", impatient, (void *)i);
	thread_create("interrupter", NULL, interrupter, NULL, &t);
	thread_start(t);
	fake_threads_join();
	CHECK_EQ(had + late + interrupted, 80);
	CHECK_EQ(counter, had);
	CHECK(waitqueue_empty(&lock.queue));
	CHECK(sleeplock_try(&lock));
}

TEST(a_wait_given_up_leaves_nothing_behind)
{
	fake_for_seeds(SEEDS * 2, nothing_is_left_behind_);
}

// ---- Mistakes ----------------------------------------------------------------

TEST(taken_again_is_a_panic)
{
	fake_threads_begin(1);
	begin();
	lock_it();
	CHECK_PANIC("the test", lock_it());
}

TEST(given_back_while_free_is_a_panic)
{
	fake_threads_begin(1);
	begin();
	CHECK_PANIC("the test", sleeplock_release(&lock));
}

static void
thief(void *arg)
{
	(void)arg;
	rig_enter();
	CHECK_PANIC("thief", sleeplock_release(&lock));
	spin_unlock(&lock.guard); // the panic has left it
}

TEST(given_back_by_another_is_a_panic)
{
	fake_threads_begin(1);
	begin();
	lock_it();
	fake_thread_run("thief", thief, NULL);
	fake_threads_join();
}
