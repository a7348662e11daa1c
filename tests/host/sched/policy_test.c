// SPDX-License-Identifier: MIT
// The policy (sched/policy.h), rule by rule, and in a simulation of one hart.
// kernel: sched/policy.c lib/bitmap.c lib/random.c
// flags: -fsanitize-coverage=trace-pc
#include "sched/policy.h"

#include "check.h"
#include "lib/math.h"
#include "lib/random.h"
#include "sched/steps.h"

#define MS UINT64_C(1000000)
#define US UINT64_C(1000)

#define DEFAULT POLICY_PRIORITY_DEFAULT

// ---- The queue by itself -----------------------------------------------------

static struct policy_queue q;

static void
make(struct policy_thread *t, unsigned priority)
{
	policy_thread_init(t, priority);
	policy_enqueue(&q, t, POLICY_NEW);
}

TEST(slices_follow_the_table)
{
	CHECK_EQ(policy_slice_ns(0), 640 * MS);
	CHECK_EQ(policy_slice_ns(5), 320 * MS);
	CHECK_EQ(policy_slice_ns(20), 40 * MS);
	CHECK_EQ(policy_slice_ns(35), 5 * MS);
	for (unsigned p = 0; p + 1 < POLICY_PRIORITIES; p++) {
		uint64_t ratio = policy_slice_ns(p) * 1000 / policy_slice_ns(p + 1);
		CHECK(ratio >= 1147 && ratio <= 1150); // 2^(1/5)
	}
}

TEST(better_priority_first_then_first_come)
{
	struct policy_thread t[6];
	unsigned priority[6] = { 20, 39, 20, 0, 20, 0 };
	unsigned order[6] = { 3, 5, 0, 2, 4, 1 };

	policy_init(&q);
	CHECK_EQ(policy_pick(&q), NULL);
	for (unsigned i = 0; i < 6; i++)
		make(&t[i], priority[i]);
	CHECK_EQ(policy_count(&q), 6);
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQ(policy_pick(&q), &t[order[i]]);
	CHECK_EQ(policy_count(&q), 0);
	CHECK_EQ(policy_pick(&q), NULL);
}

TEST(a_used_slice_waits_for_the_next_round)
{
	struct policy_thread good, bad;

	policy_init(&q);
	make(&good, 0);
	make(&bad, 39);
	CHECK_EQ(policy_pick(&q), &good);
	CHECK(policy_charge(&q, &good, policy_slice_ns(0)));
	policy_enqueue(&q, &good, POLICY_PREEMPTED);
	CHECK_EQ(policy_pick(&q), &bad);
	CHECK(policy_charge(&q, &bad, policy_slice_ns(39)));
	policy_enqueue(&q, &bad, POLICY_PREEMPTED);
	CHECK_EQ(policy_pick(&q), &good);
}

TEST(what_is_left_stays_over_yields_and_sleeps)
{
	struct policy_thread a, b;
	enum policy_why why[3] = { POLICY_YIELDED, POLICY_WAKE, POLICY_PREEMPTED };

	policy_init(&q);
	make(&a, DEFAULT);
	make(&b, 39); // keeps the round going
	for (unsigned i = 0; i < 7; i++) {
		CHECK_EQ(policy_pick(&q), &a);
		policy_charge(&q, &a, 5 * MS);
		policy_enqueue(&q, &a, why[i % 3]);
	}
	CHECK_EQ(policy_pick(&q), &a);
	CHECK(policy_charge(&q, &a, 5 * MS)); // 40 in all
	policy_enqueue(&q, &a, POLICY_WAKE);
	CHECK_EQ(policy_pick(&q), &b);
}

TEST(alone_it_runs_on)
{
	struct policy_thread t;

	policy_init(&q);
	make(&t, DEFAULT);
	CHECK_EQ(policy_pick(&q), &t);
	CHECK_EQ(policy_turn_left_ns(&q, &t), UINT64_MAX);
	for (unsigned i = 0; i < 100; i++)
		CHECK(!policy_charge(&q, &t, 17 * MS));
}

TEST(turns_of_equals_end_after_a_granule)
{
	struct policy_thread a, b;

	policy_init(&q);
	make(&a, DEFAULT);
	make(&b, DEFAULT);
	CHECK_EQ(policy_pick(&q), &a);
	CHECK_EQ(policy_turn_left_ns(&q, &a), POLICY_GRANULE_NS);
	CHECK(!policy_charge(&q, &a, POLICY_GRANULE_NS - 1));
	CHECK_EQ(policy_turn_left_ns(&q, &a), 1);
	CHECK(policy_charge(&q, &a, 1));
	policy_enqueue(&q, &a, POLICY_PREEMPTED);
	CHECK_EQ(policy_pick(&q), &b);
}

TEST(a_turn_cut_short_is_resumed_first)
{
	struct policy_thread a, b, better;

	policy_init(&q);
	make(&a, DEFAULT);
	make(&b, DEFAULT);
	CHECK_EQ(policy_pick(&q), &a);
	policy_charge(&q, &a, 3 * MS);
	policy_thread_init(&better, 5);
	policy_enqueue(&q, &better, POLICY_WAKE);
	CHECK(policy_preempts(&q, &better, &a));
	CHECK_EQ(policy_turn_left_ns(&q, &a), 0);
	policy_enqueue(&q, &a, POLICY_PREEMPTED);
	CHECK_EQ(policy_pick(&q), &better);
	CHECK_EQ(policy_pick(&q), &a);
}

TEST(only_better_and_unspent_preempts)
{
	struct policy_thread running, t;

	policy_init(&q);
	policy_thread_init(&running, DEFAULT);
	policy_thread_init(&t, DEFAULT);
	policy_enqueue(&q, &t, POLICY_WAKE);
	CHECK(!policy_preempts(&q, &t, &running));
	policy_dequeue(&q, &t);

	policy_set_priority(&t, 3);
	policy_charge(&q, &running, 1 * MS);
	policy_charge(&q, &t, policy_slice_ns(3) - 1);
	policy_enqueue(&q, &t, POLICY_WAKE);
	CHECK(policy_preempts(&q, &t, &running));
	policy_dequeue(&q, &t);

	make(&running, DEFAULT); // or the round ends with t's slice
	policy_charge(&q, &t, 1);
	policy_enqueue(&q, &t, POLICY_WAKE);
	policy_dequeue(&q, &running);
	CHECK(!policy_preempts(&q, &t, &running));
}

TEST(a_new_priority_gives_no_slice_twice)
{
	struct policy_thread t, other;

	policy_init(&q);
	make(&t, DEFAULT);
	make(&other, 39);
	CHECK_EQ(policy_pick(&q), &t);
	policy_charge(&q, &t, 30 * MS);
	policy_set_priority(&t, 25); // 20 ms, and 30 are used
	CHECK(policy_charge(&q, &t, 0));
	policy_enqueue(&q, &t, POLICY_PREEMPTED);
	CHECK_EQ(policy_pick(&q), &other);
}

TEST(a_child_gets_half_of_what_is_left)
{
	struct policy_thread parent, child, hog;
	uint64_t used = 0;

	policy_init(&q);
	make(&hog, DEFAULT);
	policy_thread_init(&parent, 10); // runs before the hog
	policy_enqueue(&q, &parent, POLICY_NEW);
	CHECK_EQ(policy_pick(&q), &parent);
	policy_charge(&q, &parent, 40 * MS); // 120 left
	policy_thread_init(&child, 10);
	policy_fork(&q, &parent, &child);
	policy_enqueue(&q, &child, POLICY_NEW);
	policy_enqueue(&q, &parent, POLICY_YIELDED);
	for (struct policy_thread *t; (t = policy_pick(&q)) != &hog;) {
		CHECK(t == &parent || t == &child);
		policy_charge(&q, t, 1 * MS);
		policy_enqueue(&q, t, POLICY_YIELDED);
		used++;
	}
	CHECK_EQ(used, 120);
}

TEST(a_thief_takes_who_would_wait_longest)
{
	struct policy_queue thief;
	struct policy_thread a, b, low, spent;

	policy_init(&q);
	policy_init(&thief);
	CHECK_EQ(policy_steal(&q, &thief), NULL);
	make(&spent, DEFAULT);
	CHECK_EQ(policy_pick(&q), &spent);
	make(&a, DEFAULT);
	make(&b, DEFAULT);
	make(&low, 30);
	policy_charge(&q, &spent, 40 * MS);
	policy_enqueue(&q, &spent, POLICY_PREEMPTED);

	CHECK_EQ(policy_steal(&q, &thief), &spent);
	CHECK_EQ(policy_steal(&q, &thief), &low);
	CHECK_EQ(policy_steal(&q, &thief), &b);
	CHECK_EQ(policy_steal(&q, &thief), &a);
	CHECK_EQ(policy_count(&q), 0);
	CHECK_EQ(policy_count(&thief), 0);
}

TEST(a_moved_thread_keeps_what_it_has_left)
{
	struct policy_queue to;
	struct policy_thread t, other;

	policy_init(&q);
	policy_init(&to);
	make(&t, DEFAULT);
	CHECK_EQ(policy_pick(&q), &t);
	policy_charge(&q, &t, 30 * MS);
	policy_enqueue(&q, &t, POLICY_YIELDED);
	CHECK_EQ(policy_steal(&q, &to), &t);
	policy_thread_init(&other, 39);
	policy_enqueue(&to, &other, POLICY_NEW);
	policy_enqueue(&to, &t, POLICY_MOVED);
	CHECK_EQ(policy_pick(&to), &t);
	CHECK_EQ(policy_turn_left_ns(&to, &t), 10 * MS);
}

// ---- Any order of calls ------------------------------------------------------

static unsigned
listed(const struct policy_array *a)
{
	unsigned n = 0;

	for (unsigned i = 0; i < POLICY_PRIORITIES; i++) {
		const struct list *l;
		CHECK_EQ(bitmap_test(a->used, i), !list_empty(&a->level[i]));
		list_for_each(l, &a->level[i]) {
			CHECK_EQ(container_of(l, const struct policy_thread, link)->priority, i);
			n++;
		}
	}
	CHECK_EQ(a->count, n);
	return n;
}

// Threads are queued, running or asleep; nothing gets lost in 200,000 steps.
TEST(queues_stay_consistent)
{
	enum { THREADS = 60 };
	struct policy_thread t[THREADS];
	enum { ASLEEP, QUEUED, RUNNING } state[THREADS] = { ASLEEP };
	unsigned queued = 0;
	struct random r;

	random_init(&r, 7);
	policy_init(&q);
	for (unsigned i = 0; i < THREADS; i++)
		policy_thread_init(&t[i], (unsigned)random_next(&r) % POLICY_PRIORITIES);
	for (unsigned step = 0; step < 200000; step++) {
		unsigned i = (unsigned)(random_next(&r) % THREADS);
		struct policy_thread *p;
		switch (state[i]) {
		case ASLEEP:
			if (random_next(&r) % 4 == 0)
				policy_set_priority(&t[i],
						    (unsigned)random_next(&r) % POLICY_PRIORITIES);
			policy_enqueue(&q, &t[i], (enum policy_why)(random_next(&r) % 5));
			state[i] = QUEUED;
			queued++;
			break;
		case QUEUED:
			if (random_next(&r) % 2 == 0) {
				policy_dequeue(&q, &t[i]);
				state[i] = ASLEEP;
			} else {
				p = policy_pick(&q);
				CHECK_EQ(state[p - t], QUEUED);
				state[p - t] = RUNNING;
			}
			queued--;
			break;
		case RUNNING:
			policy_charge(&q, &t[i], random_next(&r) % (20 * MS));
			state[i] = ASLEEP;
			break;
		}
		CHECK_EQ(policy_count(&q), queued);
		if (step % 100 == 0)
			CHECK_EQ(listed(&q.array[0]) + listed(&q.array[1]), queued);
	}
}

// ---- Cost --------------------------------------------------------------------

static uint64_t
cost_with(unsigned threads)
{
	static struct policy_thread t[5000];
	struct policy_queue to;
	struct random r;
	uint64_t most = 0;

	random_init(&r, 3);
	policy_init(&q);
	policy_init(&to);
	for (unsigned i = 0; i < threads; i++)
		make(&t[i], (unsigned)(random_next(&r) % POLICY_PRIORITIES));
	for (unsigned i = 0; i < 20000; i++) {
		struct policy_thread *p, *s = NULL;
		uint64_t cost = STEPS(p = policy_pick(&q));
		cost += STEPS(policy_charge(&q, p, random_next(&r) % (30 * MS)));
		cost += STEPS(policy_turn_left_ns(&q, p));
		cost += STEPS(policy_enqueue(&q, p, POLICY_PREEMPTED));
		cost += STEPS(s = policy_steal(&q, &to));
		policy_enqueue(&q, s, POLICY_MOVED);
		most = MAX(most, cost);
	}
	return most;
}

TEST(cost_does_not_grow_with_threads)
{
	uint64_t few = cost_with(8), many = cost_with(5000);

	CHECK(few > 20);
	if (many > few + few / 4)
		check_fail(__FILE__, __LINE__, "%lu steps with 5000 threads, %lu with 8",
			   (unsigned long)many, (unsigned long)few);
}

// ---- A hart ------------------------------------------------------------------

enum kind {
	HOG,     // never stops
	YIELDER, // yields after each run_ns
	SLEEPER, // sleeps for sleep_ns after each run_ns
	FORKER,  // makes a child after each run_ns
	SHORT,   // ends after run_ns
};

struct actor {
	struct policy_thread p; // first
	enum kind kind;
	uint64_t run_ns, sleep_ns;
	uint64_t until_ns; // what is left to run until it acts
	uint64_t wake_ns;  // while asleep
	bool asleep;
	uint64_t used_ns;
	uint64_t ready_ns;   // since when it waits
	uint64_t longest_ns; // wait from ready to running
	unsigned family;
};

#define ACTORS_MAX 4096

static struct {
	uint64_t now;
	struct actor a[ACTORS_MAX];
	unsigned n;
	struct actor *running;
} sim;

static struct actor *
actor(enum kind kind, unsigned priority, uint64_t run_ns, uint64_t sleep_ns)
{
	CHECK(sim.n < ACTORS_MAX);
	struct actor *a = &sim.a[sim.n];

	*a = (struct actor){ .kind = kind, .run_ns = run_ns, .sleep_ns = sleep_ns };
	a->until_ns = kind == HOG ? UINT64_MAX : run_ns;
	a->family = sim.n++;
	a->ready_ns = sim.now;
	policy_thread_init(&a->p, priority);
	return a;
}

static struct actor *
begin(enum kind kind, unsigned priority, uint64_t run_ns, uint64_t sleep_ns)
{
	struct actor *a = actor(kind, priority, run_ns, sleep_ns);

	policy_enqueue(&q, &a->p, POLICY_NEW);
	return a;
}

static void
sim_init(void)
{
	sim.now = 0;
	sim.n = 0;
	sim.running = NULL;
	policy_init(&q);
}

static uint64_t
next_wake(void)
{
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i < sim.n; i++)
		if (sim.a[i].asleep)
			next = MIN(next, sim.a[i].wake_ns);
	return next;
}

static void
stop_running(enum policy_why why)
{
	struct actor *a = sim.running;

	sim.running = NULL;
	a->ready_ns = sim.now;
	policy_enqueue(&q, &a->p, why);
}

// The running one has done what it does between two acts.
static void
act(struct actor *a)
{
	struct actor *child;

	a->until_ns = a->run_ns;
	switch (a->kind) {
	case YIELDER:
		stop_running(POLICY_YIELDED);
		break;
	case SLEEPER:
		a->asleep = true;
		a->wake_ns = sim.now + a->sleep_ns;
		sim.running = NULL;
		break;
	case FORKER:
		child = actor(a->sleep_ns != 0 ? SHORT : HOG, a->p.priority, a->sleep_ns, 0);
		child->family = a->family;
		policy_fork(&q, &a->p, &child->p);
		policy_enqueue(&q, &child->p, POLICY_NEW);
		break;
	case SHORT:
		sim.running = NULL;
		break;
	case HOG:
		break;
	}
}

static void
wake_due(void)
{
	for (unsigned i = 0; i < sim.n; i++) {
		struct actor *a = &sim.a[i];
		if (!a->asleep || a->wake_ns > sim.now)
			continue;
		a->asleep = false;
		a->ready_ns = sim.now;
		policy_enqueue(&q, &a->p, POLICY_WAKE);
		if (sim.running != NULL && policy_preempts(&q, &a->p, &sim.running->p))
			stop_running(POLICY_PREEMPTED);
	}
}

static void
pick(void)
{
	struct policy_thread *p = policy_pick(&q);

	if (p == NULL)
		return;
	sim.running = (struct actor *)(void *)p;
	uint64_t waited = sim.now - sim.running->ready_ns;
	sim.running->longest_ns = MAX(sim.running->longest_ns, waited);
}

static uint64_t
used_by(unsigned family)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < sim.n; i++)
		if (sim.a[i].family == family)
			sum += sim.a[i].used_ns;
	return sum;
}

// Run the hart until time end, as sched.c does.
static void
simulate(uint64_t end)
{
	while (sim.now < end) {
		if (sim.running == NULL)
			pick();
		struct actor *a = sim.running;
		uint64_t next = MIN(end, next_wake());
		if (a == NULL) {
			sim.now = next;
			wake_due();
			continue;
		}
		uint64_t run = MIN(next - sim.now, a->until_ns);
		run = MIN(run, policy_turn_left_ns(&q, &a->p));
		sim.now += run;
		a->used_ns += run;
		if (a->until_ns != UINT64_MAX)
			a->until_ns -= run;
		bool over = policy_charge(&q, &a->p, run);
		if (a->until_ns == 0)
			act(a);
		else if (over)
			stop_running(POLICY_PREEMPTED);
		wake_due();
	}
}

static uint64_t
percent(uint64_t part, uint64_t of)
{
	return (part * 1000 / of + 5) / 10;
}

TEST(shares_follow_slices)
{
	sim_init();
	struct actor *one = begin(HOG, 25, 0, 0);
	struct actor *two = begin(HOG, 20, 0, 0);
	struct actor *four = begin(HOG, 15, 0, 0);

	simulate(4000 * MS);
	CHECK(percent(one->used_ns, 4000 * MS) >= 14 && percent(one->used_ns, 4000 * MS) <= 15);
	CHECK(percent(two->used_ns, 4000 * MS) >= 28 && percent(two->used_ns, 4000 * MS) <= 30);
	CHECK(percent(four->used_ns, 4000 * MS) >= 56 && percent(four->used_ns, 4000 * MS) <= 58);
}

TEST(yielding_gains_nothing)
{
	sim_init();
	begin(HOG, DEFAULT, 0, 0);
	struct actor *gamer = begin(YIELDER, DEFAULT, 100 * US, 0);

	simulate(4000 * MS);
	CHECK(percent(gamer->used_ns, 4000 * MS) <= 51);
}

// It sleeps for a moment before each turn is over, to come first again.
TEST(sleeping_before_the_turn_ends_gains_nothing)
{
	sim_init();
	begin(HOG, DEFAULT, 0, 0);
	struct actor *gamer = begin(SLEEPER, DEFAULT, POLICY_GRANULE_NS - 10 * US, 10 * US);

	simulate(4000 * MS);
	CHECK(percent(gamer->used_ns, 4000 * MS) <= 51);
}

TEST(a_sleeper_waits_for_one_turn_among_hogs)
{
	sim_init();
	for (unsigned i = 0; i < 8; i++)
		begin(HOG, DEFAULT, 0, 0);
	struct actor *s = begin(SLEEPER, DEFAULT, 200 * US, 5 * MS);

	simulate(400 * MS); // the first turns are by order of arrival
	s->longest_ns = 0;
	simulate(8000 * MS);
	CHECK(s->longest_ns <= 2 * POLICY_GRANULE_NS);
	CHECK(s->used_ns > 7600 / 25 * 200 * US); // once in 25 ms at least
}

TEST(nobody_waits_longer_than_the_sum_of_slices)
{
	sim_init();
	uint64_t sum = 0;
	for (unsigned i = 0; i < 20; i++) {
		begin(HOG, i * 2, 0, 0);
		sum += policy_slice_ns(i * 2);
	}
	simulate(6 * sum);
	for (unsigned i = 0; i < 20; i++) {
		CHECK(sim.a[i].longest_ns <= sum + POLICY_GRANULE_NS);
		CHECK(sim.a[i].used_ns >= 5 * policy_slice_ns(i * 2));
	}
}

// In the round in which they are made, a family of hogs has one slice.
TEST(a_fork_bomb_has_one_slice_a_round)
{
	sim_init();
	struct actor *bomb = begin(FORKER, DEFAULT, 200 * US, 0);
	struct actor *hog = begin(HOG, DEFAULT, 0, 0);

	simulate(2 * policy_slice_ns(DEFAULT));
	CHECK(sim.n > 6);
	CHECK_EQ(hog->used_ns, policy_slice_ns(DEFAULT));
	CHECK_EQ(used_by(bomb->family), policy_slice_ns(DEFAULT));
}

// One that makes children which end soon, for ever, leaves another its half.
TEST(short_lived_children_do_not_starve_others)
{
	sim_init();
	begin(FORKER, DEFAULT, 500 * US, 1 * MS);
	struct actor *hog = begin(HOG, DEFAULT, 0, 0);

	simulate(2000 * MS);
	CHECK(percent(hog->used_ns, 2000 * MS) >= 48);
}
