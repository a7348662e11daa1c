// SPDX-License-Identifier: MIT
/*
 * The policy: two arrays of first-come lists by priority, as in the scheduler
 * of Linux 2.6 before 2.6.23, with rounds.
 *
 *   1. A thread's slice belongs to a round.  Who comes to the queue with a
 *      slice of another round gets a new one (refresh()), so nothing needs to
 *      be done to all threads when a round ends.
 *   2. With some of its slice left a thread is queued in the runnable array,
 *      else in the expired one.  A round ends when the runnable array is empty
 *      and a thread is wanted: the arrays change places.
 *   3. Within a level threads take turns of a granule.  One that was woken, or
 *      preempted within its turn, comes first; it pays for that out of the
 *      same slice, so it gets its part sooner, not more.
 *
 * Rounds of different queues have nothing to do with each other.  A thread that
 * moves takes what it has left along if it was of the queue's round; one that
 * wakes on another hart begins with a new slice there.
 *
 * Rejected: a tree by virtual time.  It is fair to the nanosecond, where rounds
 * are fair by the round; but it needs a weight for sleepers that is hard to
 * explain, and costs the logarithm of the number of threads.
 */
#include "sched/policy.h"

#include "lib/math.h"

#define SLICE_FIRST_NS UINT64_C(640000000)
#define SLICE_HALVING  5

#define NO_ROUND UINT64_MAX

uint64_t
policy_slice_ns(unsigned priority)
{
	// 2^(-i/5) in 1/10000
	static const uint16_t step[SLICE_HALVING] = { 10000, 8706, 7579, 6598, 5743 };

	return (SLICE_FIRST_NS >> priority / SLICE_HALVING) * step[priority % SLICE_HALVING] /
	       10000;
}

static struct policy_array *
runnable(struct policy_queue *q)
{
	return &q->array[q->runnable];
}

static struct policy_array *
expired(struct policy_queue *q)
{
	return &q->array[q->runnable ^ 1];
}

// The best level of a that has threads, or POLICY_PRIORITIES.
static unsigned
best_level(const struct policy_array *a)
{
	return (unsigned)bitmap_find_set(a->used, POLICY_PRIORITIES, 0);
}

static unsigned
worst_level(const struct policy_array *a)
{
	unsigned level = POLICY_PRIORITIES - 1;

	while (!bitmap_test(a->used, level))
		level--;
	return level;
}

// What t has left in q's round.
static uint64_t
left_in_round(const struct policy_queue *q, const struct policy_thread *t)
{
	return t->round == q->round ? t->left_ns : policy_slice_ns(t->priority);
}

static void
refresh(struct policy_queue *q, struct policy_thread *t)
{
	t->left_ns = left_in_round(q, t);
	t->round = q->round;
}

static void
array_init(struct policy_array *a)
{
	for (unsigned i = 0; i < BITMAP_WORDS(POLICY_PRIORITIES); i++)
		a->used[i] = 0;
	for (unsigned i = 0; i < POLICY_PRIORITIES; i++)
		list_init(&a->level[i]);
	a->count = 0;
}

void
policy_init(struct policy_queue *q)
{
	array_init(&q->array[0]);
	array_init(&q->array[1]);
	q->runnable = 0;
	q->round = 0;
}

void
policy_thread_init(struct policy_thread *t, unsigned priority)
{
	list_init(&t->link);
	t->priority = priority;
	t->array = 0;
	t->round = NO_ROUND;
	t->left_ns = 0;
	t->turn_ns = 0;
}

void
policy_set_priority(struct policy_thread *t, unsigned priority)
{
	uint64_t used = policy_slice_ns(t->priority) - t->left_ns;
	uint64_t slice = policy_slice_ns(priority);

	t->priority = priority;
	t->left_ns = slice > used ? slice - used : 0;
}

void
policy_fork(struct policy_queue *q, struct policy_thread *parent, struct policy_thread *child)
{
	refresh(q, parent);
	child->round = q->round;
	child->left_ns = MIN(parent->left_ns / 2, policy_slice_ns(child->priority));
	parent->left_ns -= child->left_ns;
}

void
policy_enqueue(struct policy_queue *q, struct policy_thread *t, enum policy_why why)
{
	bool first =
		why == POLICY_WAKE || (why == POLICY_PREEMPTED && t->turn_ns < POLICY_GRANULE_NS);

	refresh(q, t);
	t->array = t->left_ns > 0 ? q->runnable : q->runnable ^ 1;
	struct policy_array *a = &q->array[t->array];
	if (first)
		list_push_front(&a->level[t->priority], &t->link);
	else
		list_push_back(&a->level[t->priority], &t->link);
	bitmap_set(a->used, t->priority);
	a->count++;
}

void
policy_dequeue(struct policy_queue *q, struct policy_thread *t)
{
	struct policy_array *a = &q->array[t->array];

	list_remove(&t->link);
	if (list_empty(&a->level[t->priority]))
		bitmap_clear(a->used, t->priority);
	a->count--;
}

struct policy_thread *
policy_pick(struct policy_queue *q)
{
	if (runnable(q)->count == 0) {
		if (expired(q)->count == 0)
			return NULL;
		q->runnable ^= 1;
		q->round++;
	}

	struct policy_array *a = runnable(q);
	struct list *level = &a->level[best_level(a)];
	struct policy_thread *t = container_of(level->next, struct policy_thread, link);
	policy_dequeue(q, t);
	refresh(q, t);
	t->turn_ns = 0;
	return t;
}

bool
policy_charge(struct policy_queue *q, struct policy_thread *running, uint64_t ran_ns)
{
	refresh(q, running);
	running->turn_ns += ran_ns;
	running->left_ns -= MIN(ran_ns, running->left_ns);
	if (policy_count(q) == 0 && running->left_ns == 0) {
		q->round++; // all threads there are have used their slices
		refresh(q, running);
	}
	return policy_turn_left_ns(q, running) == 0;
}

uint64_t
policy_turn_left_ns(struct policy_queue *q, const struct policy_thread *running)
{
	uint64_t left = left_in_round(q, running);

	if (runnable(q)->count == 0)
		return expired(q)->count == 0 ? UINT64_MAX : left;

	unsigned best = best_level(runnable(q));
	if (best < running->priority)
		return 0;
	if (best > running->priority)
		return left;
	uint64_t turn = MIN(running->turn_ns, POLICY_GRANULE_NS);
	return MIN(left, POLICY_GRANULE_NS - turn);
}

bool
policy_preempts(const struct policy_queue *q, const struct policy_thread *t,
		const struct policy_thread *running)
{
	return t->array == q->runnable && t->priority < running->priority;
}

struct policy_thread *
policy_steal(struct policy_queue *from, struct policy_queue *to)
{
	struct policy_array *a = expired(from)->count > 0 ? expired(from) : runnable(from);
	if (a->count == 0)
		return NULL;

	struct list *level = &a->level[worst_level(a)];
	struct policy_thread *t = container_of(level->prev, struct policy_thread, link);
	policy_dequeue(from, t);
	refresh(from, t);
	t->round = to->round;
	return t;
}

unsigned
policy_count(const struct policy_queue *q)
{
	return q->array[0].count + q->array[1].count;
}
