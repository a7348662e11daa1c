// SPDX-License-Identifier: MIT
// The raw lock (lock/rawlock.h) with threads of the host, which really run at
// the same time.
// kernel: lock/rawlock.c
#include "lock/rawlock.h"

#include <pthread.h>
#include <sched.h>

#include "check.h"

#define THREADS 4
#define ROUNDS  20000

struct spin_wait {
	uint32_t *waiting; // counts the first turn
	uint64_t turns;
};

void
spin_pause(struct spin_wait *wait)
{
	if (wait->turns++ == 0 && wait->waiting != NULL)
		__atomic_fetch_add(wait->waiting, 1, __ATOMIC_SEQ_CST);
	sched_yield();
}

static struct rawlock lock;

// ---- Alone -------------------------------------------------------------------

TEST(an_unheld_lock_is_had_without_waiting)
{
	struct rawnode node;
	struct spin_wait wait = { 0 };

	raw_init(&lock);
	for (unsigned i = 0; i < 1000; i++) {
		raw_lock(&lock, &node, &wait);
		raw_unlock(&lock, &node);
	}
	CHECK_EQ(wait.turns, 0);
}

TEST(a_try_never_waits)
{
	struct rawnode a, b;
	struct spin_wait wait = { 0 };

	raw_init(&lock);
	CHECK(raw_trylock(&lock, &a));
	CHECK(!raw_trylock(&lock, &b));
	raw_unlock(&lock, &a);
	raw_lock(&lock, &b, &wait);
	CHECK(!raw_trylock(&lock, &a));
	raw_unlock(&lock, &b);
	CHECK(raw_trylock(&lock, &a));
	raw_unlock(&lock, &a);
}

// ---- Together ----------------------------------------------------------------

static uint64_t counter, inside;

static void
critical(void)
{
	CHECK_EQ(inside, 0);
	inside = 1;
	counter++;
	inside = 0;
}

static void *
worker(void *arg)
{
	struct rawnode node;
	struct spin_wait wait = { 0 };
	uint64_t *had = arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		if (i % 4 != 0)
			raw_lock(&lock, &node, &wait);
		else if (!raw_trylock(&lock, &node))
			continue;
		critical();
		(*had)++;
		raw_unlock(&lock, &node);
	}
	return NULL;
}

TEST(one_holder_at_a_time)
{
	pthread_t thread[THREADS];
	uint64_t had[THREADS] = { 0 }, sum = 0;

	raw_init(&lock);
	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&thread[i], NULL, worker, &had[i]), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		sum += had[i];
	}
	CHECK_EQ(counter, sum);
	CHECK(sum >= THREADS * ROUNDS / 4 * 3);
}

// ---- In line -----------------------------------------------------------------

#define LINE 8

static uint32_t waiting, order[LINE], served;

static void *
in_line(void *arg)
{
	struct rawnode node;
	struct spin_wait wait = { .waiting = &waiting };

	raw_lock(&lock, &node, &wait);
	order[served++] = (uint32_t)(uintptr_t)arg;
	raw_unlock(&lock, &node);
	return NULL;
}

static void
line_up(void)
{
	pthread_t thread[LINE];
	struct rawnode node;
	struct spin_wait wait = { 0 };

	waiting = served = 0;
	raw_lock(&lock, &node, &wait);
	for (uint32_t i = 0; i < LINE; i++) {
		CHECK_EQ(pthread_create(&thread[i], NULL, in_line, (void *)(uintptr_t)i), 0);
		while (__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) != i + 1)
			sched_yield();
	}
	raw_unlock(&lock, &node);
	for (uint32_t i = 0; i < LINE; i++)
		pthread_join(thread[i], NULL);
	for (uint32_t i = 0; i < LINE; i++)
		CHECK_EQ(order[i], i);
}

TEST(first_come_first_served)
{
	raw_init(&lock);
	for (unsigned i = 0; i < 20; i++)
		line_up();
}

// The numbers of a ticket lock wrap around.
TEST(after_four_thousand_million_uses)
{
	raw_init(&lock);
	lock.next = lock.serving = UINT32_MAX - 3;
	line_up();
	struct rawnode node;
	CHECK(raw_trylock(&lock, &node));
	CHECK(!raw_trylock(&lock, &node));
}
