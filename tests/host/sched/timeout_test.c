// SPDX-License-Identifier: MIT
// The timing wheel (sched/timeout.h) against the times it was given.
// kernel: sched/timeout.c lib/bitmap.c lib/random.c
// flags: -fsanitize-coverage=trace-pc
#include "sched/timeout.h"

#include "check.h"
#include "lib/math.h"
#include "lib/random.h"
#include "sched/steps.h"

#define G WHEEL_GRANULE_NS

static struct wheel w;
static uint64_t now;

static void
begin(uint64_t start_ns)
{
	now = start_ns;
	wheel_init(&w, now);
}

static void
add(struct timeout *t, uint64_t when)
{
	list_init(&t->link);
	wheel_add(&w, t, when);
	CHECK(timeout_pending(t));
}

// All that is due at now, each exactly in its time.
static unsigned
advance_to(uint64_t to)
{
	uint64_t last = now;
	unsigned n = 0;
	struct timeout *t;

	now = to;
	while ((t = wheel_advance(&w, now)) != NULL) {
		CHECK(!timeout_pending(t));
		if (t->when > now)
			check_fail(__FILE__, __LINE__, "%lu fires at %lu", (unsigned long)t->when,
				   (unsigned long)now);
		// It was not due at the last call, but for a granule's part.
		if (t->when / G * G + G < last)
			check_fail(__FILE__, __LINE__, "%lu fires at %lu, not at %lu",
				   (unsigned long)t->when, (unsigned long)now, (unsigned long)last);
		n++;
	}
	return n;
}

TEST(never_early_at_most_a_granule_late)
{
	struct timeout t;

	for (uint64_t when = 5 * G - 2; when <= 5 * G + 2; when++) {
		begin(0);
		add(&t, when);
		CHECK_EQ(advance_to(when - 1), 0);
		CHECK_EQ(advance_to(when), when % G == 0);
		CHECK_EQ(advance_to(when + G - 1), when % G != 0);
		CHECK_EQ(w.pending, 0);
	}
}

TEST(past_times_come_at_the_next_call)
{
	struct timeout t[3];

	begin(1000 * G);
	add(&t[0], 0);
	add(&t[1], 999 * G);
	add(&t[2], 1000 * G);
	CHECK(wheel_next(&w) <= now);
	for (unsigned i = 0; i < 3; i++)
		CHECK(wheel_advance(&w, now) != NULL);
	CHECK_EQ(wheel_advance(&w, now), NULL);
	CHECK_EQ(wheel_next(&w), TIMEOUT_NEVER);
}

// One timeout at each distance around each level's bounds, from starts around
// the wraps of each digit.
TEST(bounds_between_levels)
{
	struct timeout t;
	uint64_t bound = 1;

	for (unsigned level = 0; level <= WHEEL_LEVELS; level++, bound *= WHEEL_SLOTS) {
		uint64_t other = 1;
		for (unsigned i = 0; i <= WHEEL_LEVELS + 1; i++, other *= WHEEL_SLOTS) {
			for (int64_t from = -2; from <= 2; from++) {
				for (int64_t by = -2; by <= 2; by++) {
					uint64_t start = other * 3 + (uint64_t)(from + 2);
					uint64_t tick = start + bound + (uint64_t)(by + 2);
					begin((start - 2) * G);
					add(&t, (tick - 2) * G);
					CHECK_EQ(advance_to((tick - 2) * G - 1), 0);
					CHECK_EQ(advance_to((tick - 2) * G), 1);
				}
			}
		}
	}
}

// The same, going there in the steps that wheel_next() says.
TEST(next_is_never_after_the_earliest)
{
	struct timeout t;

	for (uint64_t distance = 1; distance < UINT64_C(1) << 40; distance = distance * 3 + 1) {
		unsigned steps = 0;
		begin(123456789 * G);
		add(&t, now + distance * G);
		do {
			uint64_t next = wheel_next(&w);
			CHECK(next > now);
			CHECK(next <= t.when);
			CHECK(++steps < 2000);
		} while (advance_to(wheel_next(&w)) == 0);
		CHECK_EQ(now, t.when);
	}
}

TEST(far_ahead)
{
	struct timeout never, year;
	uint64_t days = UINT64_C(86400000) * G;

	begin(7 * G);
	add(&never, TIMEOUT_NEVER);
	add(&year, 365 * days);
	for (unsigned day = 1; day < 365; day++)
		CHECK_EQ(advance_to(day * days), 0);
	CHECK_EQ(advance_to(365 * days), 1);
	CHECK_EQ(advance_to(3650 * days), 0);
	CHECK_EQ(wheel_remove(&w, &never), 1);
	CHECK_EQ(w.pending, 0);
	CHECK_EQ(wheel_next(&w), TIMEOUT_NEVER);
}

TEST(idle_is_not_removed)
{
	struct timeout t;

	begin(0);
	list_init(&t.link);
	CHECK_EQ(wheel_remove(&w, &t), 0);
	add(&t, 100 * G);
	CHECK_EQ(wheel_remove(&w, &t), 1);
	CHECK_EQ(wheel_remove(&w, &t), 0);
	add(&t, 100 * G);
	CHECK_EQ(advance_to(100 * G), 1);
	CHECK_EQ(wheel_remove(&w, &t), 0);
	CHECK_EQ(w.pending, 0);
}

// Its function may set it anew, for a time that is past too, and remove others
// that are due in the same moment.
TEST(the_function_may_do_anything)
{
	struct timeout t[4], *first;

	begin(0);
	for (unsigned i = 0; i < 4; i++)
		add(&t[i], 70 * G);
	first = wheel_advance(&w, 70 * G);
	CHECK(first != NULL);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(timeout_pending(&t[i]), &t[i] != first);
	wheel_add(&w, first, 0);
	for (unsigned i = 0; i < 4; i++)
		if (&t[i] != first)
			CHECK_EQ(wheel_remove(&w, &t[i]), 1);
	CHECK_EQ(wheel_advance(&w, 70 * G), first);
	wheel_add(&w, first, 71 * G);
	CHECK_EQ(wheel_advance(&w, 70 * G), NULL);
	CHECK_EQ(wheel_advance(&w, 71 * G), first);
	CHECK_EQ(w.pending, 0);
}

TEST(a_periodic_one_keeps_its_beat)
{
	struct timeout t, *got;
	unsigned fired = 0;

	begin(0);
	add(&t, 10 * G);
	for (now = 0; now <= 100000 * G; now += G) {
		while ((got = wheel_advance(&w, now)) != NULL) {
			CHECK_EQ(got->when, now);
			wheel_add(&w, got, now + 10 * G);
			fired++;
		}
	}
	CHECK_EQ(fired, 10000);
}

// 100,000 timeouts at random distances of all magnitudes, a part of them removed
// or moved; time goes on in random steps.
TEST(a_hundred_thousand)
{
	enum { COUNT = 100000 };
	static struct timeout t[COUNT];
	struct random r;
	unsigned left = COUNT;

	random_init(&r, 42);
	begin((UINT64_C(1) << 32) * 1000 - 5 * G); // near a wrap of 32 bits in us
	uint64_t start = now;
	for (unsigned i = 0; i < COUNT; i++)
		add(&t[i], start + random_next(&r) % (G << random_next(&r) % 33));
	while (left > 0) {
		for (unsigned i = 0; i < 10; i++) {
			struct timeout *one = &t[random_next(&r) % COUNT];
			if (!timeout_pending(one))
				continue;
			CHECK_EQ(wheel_remove(&w, one), 1);
			if (random_next(&r) % 2 == 0)
				wheel_add(&w, one, now + random_next(&r) % (1000 * G));
			else
				left--;
		}
		left -= advance_to(now + random_next(&r) % (G << random_next(&r) % 30));
		CHECK_EQ(w.pending, left);
	}
	for (unsigned i = 0; i < COUNT; i++)
		CHECK(!timeout_pending(&t[i]));
	for (unsigned i = 0; i < WHEEL_LEVELS; i++)
		CHECK_EQ(w.used[i], 0);
}

// No time is left out: after each step all that should have fired has.
TEST(none_is_late)
{
	enum { COUNT = 2000 };
	static struct timeout t[COUNT];
	struct random r;

	random_init(&r, 5);
	begin(0);
	for (unsigned i = 0; i < COUNT; i++)
		add(&t[i], random_next(&r) % (300000 * G));
	while (w.pending > 0) {
		advance_to(now + random_next(&r) % (400 * G));
		for (unsigned i = 0; i < COUNT; i++)
			CHECK(!timeout_pending(&t[i]) || t[i].when > now / G * G);
	}
}

// ---- Cost --------------------------------------------------------------------

#define MANY 16384

static struct timeout many[MANY];

// Steps of one add and remove, the most of any, with so many pending.
static uint64_t
cost_of_add(unsigned pending)
{
	struct timeout t;
	struct random r;
	uint64_t most = 0;

	random_init(&r, 9);
	begin(0);
	for (unsigned i = 0; i < pending; i++)
		add(&many[i], random_next(&r) % (100000 * G));
	list_init(&t.link);
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t when = random_next(&r) % (100000 * G);
		uint64_t cost = STEPS(wheel_add(&w, &t, when)) + STEPS(wheel_remove(&w, &t));
		most = MAX(most, cost);
	}
	return most;
}

// Steps of a granule's advance with nothing due, on average, with so many
// pending in the far future.
static uint64_t
cost_of_granules(unsigned pending)
{
	struct random r;

	random_init(&r, 11);
	begin(0);
	for (unsigned i = 0; i < pending; i++)
		add(&many[i], 1000000 * G + random_next(&r) % (1000 * G));
	return STEPS(for (unsigned i = 1; i <= 60000; i++) wheel_advance(&w, i * G)) / 60000;
}

// Steps of a timeout's whole life, on average.
static uint64_t
cost_of_life(unsigned pending)
{
	struct random r;
	uint64_t cost = 0;

	random_init(&r, 13);
	begin(0);
	for (unsigned i = 0; i < pending; i++) {
		list_init(&many[i].link);
		uint64_t when = random_next(&r) % (200000 * G);
		cost += STEPS(wheel_add(&w, &many[i], when));
	}
	while (w.pending > 0) {
		uint64_t next = wheel_next(&w);
		cost += STEPS(while (wheel_advance(&w, next) != NULL));
	}
	return cost / pending;
}

static void
check_flat(const char *what, uint64_t few, uint64_t lots)
{
	CHECK(few > 0);
	if (lots > few + few / 5)
		check_fail(what, 0, "%lu steps with few timeouts, %lu with many",
			   (unsigned long)few, (unsigned long)lots);
}

TEST(cost_does_not_grow_with_timeouts)
{
	check_flat("add and remove", cost_of_add(16), cost_of_add(MANY));
	check_flat("a granule", cost_of_granules(16), cost_of_granules(MANY));
	check_flat("a life", cost_of_life(16), cost_of_life(MANY));
}
