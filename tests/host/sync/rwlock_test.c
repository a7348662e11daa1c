// SPDX-License-Identifier: MIT
// The readers-writer lock (sync/rwlock.h), rule by rule, over the kernel's sleep.
// kernel: sync/rwlock.c sched/sleep.c lock/rank.c
// fakes: threads.c time.c print.c
#include "sync/rwlock.h"

#include "abi/errno.h"
#include "sched/sleep_rig.h"

#define SEEDS 80

static struct rwlock lock;

static void
begin(void)
{
	rig_enter();
	rwlock_init(&lock, "the test");
}

static void
read_lock(void)
{
	CHECK_EQ(rwlock_acquire_read(&lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE), 0);
}

static void
write_lock(void)
{
	CHECK_EQ(rwlock_acquire_write(&lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE), 0);
}

// ---- Who is inside -----------------------------------------------------------

static unsigned readers, writers, most_readers, written;

static void
pause(void)
{
	for (uint64_t i = fake_random(4); i > 0; i--)
		fake_point();
}

static void
reads(void)
{
	readers++;
	if (readers > most_readers)
		most_readers = readers;
	CHECK_EQ(writers, 0);
	pause();
	CHECK_EQ(writers, 0);
	readers--;
}

static void
writes(void)
{
	CHECK_EQ(writers++, 0);
	CHECK_EQ(readers, 0);
	unsigned n = written;
	pause();
	written = n + 1;
	CHECK_EQ(readers, 0);
	writers--;
}

static unsigned to_write;

static void
worker(void *arg)
{
	(void)arg;
	rig_enter();
	for (unsigned i = 0; i < 20; i++) {
		switch (fake_random(5)) {
		case 0:
			write_lock();
			to_write++;
			writes();
			rwlock_release_write(&lock);
			break;
		case 1:
			write_lock();
			to_write++;
			writes();
			rwlock_downgrade(&lock);
			reads();
			rwlock_release_read(&lock);
			break;
		case 2:
			if (rwlock_try_write(&lock)) {
				to_write++;
				writes();
				rwlock_release_write(&lock);
			} else if (rwlock_try_read(&lock)) {
				reads();
				rwlock_release_read(&lock);
			}
			break;
		default:
			read_lock();
			reads();
			rwlock_release_read(&lock);
		}
	}
}

static void
readers_share_writers_do_not_(void)
{
	begin();
	for (unsigned i = 0; i < 6; i++)
		fake_thread_run("worker", worker, NULL);
	fake_threads_join();
	CHECK_EQ(written, to_write);
	CHECK(most_readers > 1);
	CHECK(rwlock_try_write(&lock));
}

TEST(readers_share_and_writers_do_not)
{
	fake_for_seeds(SEEDS, readers_share_writers_do_not_);
}

// ---- Nobody starves ----------------------------------------------------------

static char log[32];
static unsigned logged;

static void
note(char c)
{
	log[logged++] = c;
}

static void
reader(void *arg)
{
	(void)arg;
	rig_enter();
	read_lock();
	note('r');
	fake_threads_wait(50000);
	rwlock_release_read(&lock);
}

static void
writer(void *arg)
{
	(void)arg;
	rig_enter();
	write_lock();
	note('w');
	fake_threads_wait(50000);
	rwlock_release_write(&lock);
}

static void
await_waiters(unsigned to_read, unsigned to_write_)
{
	while (waitqueue_count(&lock.read_queue) < to_read ||
	       waitqueue_count(&lock.write_queue) < to_write_)
		fake_threads_wait(1000);
}

// While a reader reads: a writer, readers, a writer, a reader come.  The readers
// wait behind the first writer, and then go before the second.
static void
turns_(void)
{
	begin();
	read_lock();
	fake_thread_run("writer", writer, NULL);
	await_waiters(0, 1);
	CHECK(!rwlock_try_read(&lock));
	fake_thread_run("reader", reader, NULL);
	fake_thread_run("reader", reader, NULL);
	await_waiters(2, 1);
	fake_thread_run("writer", writer, NULL);
	await_waiters(2, 2);
	fake_thread_run("reader", reader, NULL);
	await_waiters(3, 2);
	CHECK_EQ(logged, 0);
	rwlock_release_read(&lock);
	CHECK(!rwlock_try_write(&lock));
	fake_threads_join();
	CHECK_STRING(log, "wrrrw");
}

TEST(readers_and_writers_take_turns)
{
	fake_for_seeds(SEEDS, turns_);
}

// Readers that keep coming, one before the last has gone, don't keep it out.
static bool written_once;

static void
endless_reader(void *arg)
{
	(void)arg;
	rig_enter();
	while (!written_once) {
		read_lock();
		fake_threads_wait(20000 + fake_random(20000));
		rwlock_release_read(&lock);
	}
}

static void
one_writer(void *arg)
{
	(void)arg;
	rig_enter();
	uint64_t since = time_ns();
	write_lock();
	written_once = true;
	CHECK(time_ns() - since < 1000000);
	rwlock_release_write(&lock);
}

static void
writer_gets_in_(void)
{
	begin();
	for (unsigned i = 0; i < 5; i++)
		fake_thread_run("reader", endless_reader, NULL);
	fake_threads_wait(100000);
	fake_thread_run("writer", one_writer, NULL);
	fake_threads_join();
}

TEST(endless_readers_let_a_writer_in)
{
	fake_for_seeds(SEEDS, writer_gets_in_);
}

// ---- Waits that end otherwise ------------------------------------------------

static void
late_writer(void *arg)
{
	(void)arg;
	rig_enter();
	uint64_t deadline = time_ns() + 200000;
	CHECK_EQ(rwlock_acquire_write(&lock, SLEEP_UNINTERRUPTIBLE, deadline), -ETIMEDOUT);
	CHECK(time_ns() >= deadline);
}

// The reader behind a writer that gives up goes in while the first still reads.
static void
behind_one_who_gives_up_(void)
{
	begin();
	read_lock();
	fake_thread_run("late writer", late_writer, NULL);
	await_waiters(0, 1);
	fake_thread_run("reader", reader, NULL);
	fake_threads_join();
	CHECK_STRING(log, "r");
	rwlock_release_read(&lock);
	CHECK(rwlock_try_write(&lock));
}

TEST(readers_behind_a_writer_that_gives_up_go_in)
{
	fake_for_seeds(SEEDS, behind_one_who_gives_up_);
}

static struct thread *waiter[5];
static bool over;

static void
impatient(void *arg)
{
	rig_enter();
	waiter[(uintptr_t)arg] = thread_current();
	for (unsigned i = 0; i < 20; i++) {
		uint64_t deadline = fake_random(2) ? time_ns() + fake_random(60000) : DEADLINE_NONE;
		enum sleep_flags flags = fake_random(2) ? SLEEP_INTERRUPTIBLE : 0;
		if (fake_random(2)) {
			if (rwlock_acquire_read(&lock, flags, deadline) == 0) {
				reads();
				rwlock_release_read(&lock);
			}
		} else {
			if (rwlock_acquire_write(&lock, flags, deadline) == 0) {
				to_write++;
				writes();
				rwlock_release_write(&lock);
			}
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
		struct thread *t = waiter[fake_random(5)];
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
	for (uintptr_t i = 0; i < 5; i++)
		fake_thread_run("impatient", impatient, (void *)i);
	thread_create("interrupter", NULL, interrupter, NULL, &t);
	thread_start(t);
	fake_threads_join();
	CHECK_EQ(written, to_write);
	CHECK_EQ(lock.readers, 0);
	CHECK(waitqueue_empty(&lock.read_queue) && waitqueue_empty(&lock.write_queue));
	CHECK(rwlock_try_write(&lock));
}

TEST(a_wait_given_up_leaves_nothing_behind)
{
	fake_for_seeds(SEEDS * 2, nothing_is_left_behind_);
}

// ---- Mistakes ----------------------------------------------------------------

TEST(a_writer_that_reads_is_a_panic)
{
	fake_threads_begin(1);
	begin();
	write_lock();
	CHECK_PANIC("the test", read_lock());
}

TEST(giving_back_what_is_not_held_is_a_panic)
{
	fake_threads_begin(1);
	begin();
	CHECK_PANIC("the test", rwlock_release_read(&lock));
	spin_unlock(&lock.guard); // the panic has left it
	read_lock();
	CHECK_PANIC("the test", rwlock_release_write(&lock));
}
