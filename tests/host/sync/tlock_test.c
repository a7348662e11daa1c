// SPDX-License-Identifier: MIT
// The three-level lock (sync/tlock.h), rule by rule, over the kernel's own sleep.
// kernel: sync/tlock.c sched/sleep.c lock/rank.c
// fakes: threads.c time.c print.c
#include "sync/tlock.h"

#include "sched/sleep_rig.h"

#define SEEDS 80

static struct tlock lock;

static void
begin(void)
{
	rig_enter();
	tlock_init(&lock, "the test");
}

// ---- Who may be inside with whom ---------------------------------------------

static unsigned readers, serials, writers, most_readers, beside, written, to_write;

static void
look(void)
{
	CHECK(writers <= 1 && serials <= 1);
	CHECK(writers == 0 || readers + serials == 0);
	if (readers > most_readers)
		most_readers = readers;
	beside += readers > 0 && serials > 0;
}

static void
stay(unsigned *who)
{
	(*who)++;
	for (uint64_t i = fake_random(4); i > 0; i--) {
		look();
		fake_point();
	}
	look();
	(*who)--;
}

static void
write(void)
{
	unsigned n = written;

	to_write++;
	stay(&writers);
	written = n + 1;
}

static void
do_write(void)
{
	tlock_acquire(&lock, TLOCK_WRITE);
	write();
	if (fake_random(2)) {
		tlock_release(&lock, TLOCK_WRITE);
		return;
	}
	enum tlock_mode to = fake_random(2) ? TLOCK_READ : TLOCK_READ_SERIALISED;
	tlock_downgrade(&lock, to);
	stay(to == TLOCK_READ ? &readers : &serials);
	tlock_release(&lock, to);
}

static void
do_serial(void)
{
	tlock_acquire(&lock, TLOCK_READ_SERIALISED);
	stay(&serials);
	switch (fake_random(3)) {
	case 0:
		tlock_release(&lock, TLOCK_READ_SERIALISED);
		break;
	case 1:
		tlock_downgrade(&lock, TLOCK_READ);
		stay(&readers);
		tlock_release(&lock, TLOCK_READ);
		break;
	default:
		tlock_upgrade(&lock);
		write();
		tlock_release(&lock, TLOCK_WRITE);
	}
}

static void
do_read(void)
{
	tlock_acquire(&lock, TLOCK_READ);
	stay(&readers);
	tlock_release(&lock, TLOCK_READ);
}

static void
do_try(void)
{
	enum tlock_mode mode = TLOCK_READ + fake_random(3);
	unsigned *who[] = { NULL, &readers, &serials, &writers };

	if (tlock_try(&lock, mode)) {
		stay(who[mode]);
		tlock_release(&lock, mode);
	}
}

static void
worker(void *arg)
{
	(void)arg;
	rig_enter();
	for (unsigned i = 0; i < 20; i++) {
		switch (fake_random(6)) {
		case 0:
			do_write();
			break;
		case 1:
			do_serial();
			break;
		case 2:
			do_try();
			break;
		default:
			do_read();
		}
	}
}

static void
modes_(void)
{
	begin();
	for (unsigned i = 0; i < 6; i++)
		fake_thread_run("worker", worker, NULL);
	fake_threads_join();
	CHECK_EQ(written, to_write);
	CHECK(most_readers > 1);
	CHECK(beside > 0);
	CHECK_EQ(lock.readers, 0);
	CHECK(tlock_try(&lock, TLOCK_WRITE));
}

TEST(modes_exclude_each_other_as_they_should)
{
	fake_for_seeds(SEEDS * 2, modes_);
}

// ---- Order -------------------------------------------------------------------

static char log[32];
static unsigned logged;

struct visit {
	enum tlock_mode mode;
	char name;
};

static unsigned
length(const struct list *line)
{
	unsigned n = 0;
	const struct list *l;

	list_for_each(l, line)
		n++;
	return n;
}

static void
visitor(void *arg)
{
	const struct visit *v = arg;

	rig_enter();
	tlock_acquire(&lock, v->mode);
	log[logged++] = v->name;
	fake_threads_wait(50000);
	tlock_release(&lock, v->mode);
}

// Each visitor comes when those before it wait.
static void
come(const struct visit *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned waiting = length(&lock.queue) + length(&lock.serial_queue);
		unsigned in = logged;
		fake_thread_run("visitor", visitor, (void *)(uintptr_t)&v[i]);
		while (length(&lock.queue) + length(&lock.serial_queue) == waiting && logged == in)
			fake_threads_wait(1000);
	}
}

static const struct visit R = { TLOCK_READ, 'r' }, S = { TLOCK_READ_SERIALISED, 's' },
			  W = { TLOCK_WRITE, 'w' };

static void
read_and_write_in_order_(void)
{
	begin();
	tlock_acquire(&lock, TLOCK_WRITE);
	come((const struct visit[]){ R, R, W, R, W, W, R }, 7);
	tlock_release(&lock, TLOCK_WRITE);
	fake_threads_join();
	CHECK_STRING(log, "rrwrwwr");
}

TEST(read_and_write_are_served_in_order)
{
	fake_for_seeds(SEEDS, read_and_write_in_order_);
}

static void
waiting_write_stops_reads_(void)
{
	begin();
	tlock_acquire(&lock, TLOCK_READ);
	come(&W, 1);
	CHECK(!tlock_try(&lock, TLOCK_READ));
	CHECK(tlock_try(&lock, TLOCK_READ_SERIALISED)); // waits for no one who waits
	tlock_release(&lock, TLOCK_READ_SERIALISED);
	come(&R, 1);
	tlock_release(&lock, TLOCK_READ);
	fake_threads_join();
	CHECK_STRING(log, "wr");
}

TEST(a_write_that_waits_stops_new_reads)
{
	fake_for_seeds(SEEDS, waiting_write_stops_reads_);
}

static void
write_and_serial_take_turns_(void)
{
	begin();
	tlock_acquire(&lock, TLOCK_WRITE);
	come((const struct visit[]){ W, S, W, S, S, W }, 6);
	tlock_release(&lock, TLOCK_WRITE);
	fake_threads_join();
	CHECK_STRING(log, "swswsw");
}

TEST(write_and_serialised_take_turns)
{
	fake_for_seeds(SEEDS, write_and_serial_take_turns_);
}

// ---- Upgrade -----------------------------------------------------------------

static void
upgrader(void *arg)
{
	(void)arg;
	rig_enter();
	tlock_acquire(&lock, TLOCK_READ_SERIALISED);
	log[logged++] = 's';
	tlock_upgrade(&lock);
	log[logged++] = 'u';
	fake_threads_wait(50000);
	tlock_release(&lock, TLOCK_WRITE);
}

// It waits for the reader that is there, before all others that wait.
static void
upgrade_comes_first_(void)
{
	begin();
	tlock_acquire(&lock, TLOCK_READ);
	fake_thread_run("upgrader", upgrader, NULL);
	while (!lock.upgrading)
		fake_threads_wait(1000);
	CHECK(!tlock_try(&lock, TLOCK_READ));
	CHECK(!tlock_try(&lock, TLOCK_READ_SERIALISED));
	come((const struct visit[]){ W, R, S }, 3);
	tlock_release(&lock, TLOCK_READ);
	fake_threads_join();
	CHECK_EQ(log[0], 's');
	CHECK_EQ(log[1], 'u');
	CHECK_EQ(logged, 5);
}

TEST(an_upgrade_comes_before_all_others)
{
	fake_for_seeds(SEEDS, upgrade_comes_first_);
}

// Who waited for what a downgrade gives up goes in at once.
static void
downgrade_lets_in_(void)
{
	begin();
	tlock_acquire(&lock, TLOCK_WRITE);
	come((const struct visit[]){ R, R }, 2);
	tlock_downgrade(&lock, TLOCK_READ_SERIALISED);
	fake_threads_wait(500000);
	CHECK_STRING(log, "rr");
	come(&S, 1);
	CHECK_EQ(logged, 2);
	tlock_downgrade(&lock, TLOCK_READ);
	fake_threads_wait(500000);
	CHECK_STRING(log, "rrs");
	tlock_release(&lock, TLOCK_READ);
	fake_threads_join();
}

TEST(a_downgrade_lets_others_in)
{
	fake_for_seeds(SEEDS / 4, downgrade_lets_in_);
}

// ---- Nobody starves ----------------------------------------------------------

static bool done;

static void
endless(void *arg)
{
	const struct visit *v = arg;

	rig_enter();
	while (!done) {
		tlock_acquire(&lock, v->mode);
		fake_threads_wait(20000 + fake_random(20000));
		tlock_release(&lock, v->mode);
	}
}

static void
once(void *arg)
{
	const struct visit *v = arg;

	rig_enter();
	uint64_t since = time_ns();
	tlock_acquire(&lock, v->mode);
	done = true;
	CHECK(time_ns() - since < 1000000);
	tlock_release(&lock, v->mode);
}

static void
gets_in(const struct visit *one, const struct visit *others, const struct visit *more)
{
	begin();
	for (unsigned i = 0; i < 3; i++) {
		fake_thread_run("endless", endless, (void *)(uintptr_t)others);
		fake_thread_run("endless", endless, (void *)(uintptr_t)more);
	}
	fake_threads_wait(100000);
	fake_thread_run("once", once, (void *)(uintptr_t)one);
	fake_threads_join();
}

static void
write_among_others_(void)
{
	gets_in(&W, &R, &S);
}

static void
read_among_others_(void)
{
	gets_in(&R, &W, &S);
}

static void
serial_among_others_(void)
{
	gets_in(&S, &W, &R);
}

TEST(a_write_gets_in_among_endless_others)
{
	fake_for_seeds(SEEDS, write_among_others_);
}

TEST(a_read_gets_in_among_endless_others)
{
	fake_for_seeds(SEEDS, read_among_others_);
}

TEST(a_serialised_gets_in_among_endless_others)
{
	fake_for_seeds(SEEDS, serial_among_others_);
}

// ---- Mistakes ----------------------------------------------------------------

TEST(taken_again_by_its_owner_is_a_panic)
{
	fake_threads_begin(1);
	begin();
	tlock_acquire(&lock, TLOCK_READ_SERIALISED);
	CHECK_PANIC("the test", tlock_acquire(&lock, TLOCK_READ));
}

TEST(given_back_in_another_mode_is_a_panic)
{
	fake_threads_begin(1);
	begin();
	tlock_acquire(&lock, TLOCK_READ_SERIALISED);
	CHECK_PANIC("mode 3", tlock_release(&lock, TLOCK_WRITE));
}

TEST(an_upgrade_from_read_is_a_panic)
{
	fake_threads_begin(1);
	begin();
	tlock_acquire(&lock, TLOCK_READ);
	CHECK_PANIC("the test", tlock_upgrade(&lock));
}

TEST(a_downgrade_upwards_is_a_panic)
{
	fake_threads_begin(1);
	begin();
	tlock_acquire(&lock, TLOCK_READ_SERIALISED);
	CHECK_PANIC("no downgrade", tlock_downgrade(&lock, TLOCK_WRITE));
}
