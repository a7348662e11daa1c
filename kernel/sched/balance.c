// SPDX-License-Identifier: MIT
/*
 * Which hart runs a thread.
 *
 *   - Where it ran last, if that hart is idle; else on any idle hart; else
 *     where it ran last.
 *   - A new thread goes to an idle hart, else to the one with fewest waiting.
 *   - A hart with nothing to do takes from the longest queue.  A busy one takes
 *     too, now and then, if it is behind by two or more.
 *
 * Lengths of other harts' queues and the set of idle harts are read without a
 * lock: they only make a choice better or worse, never wrong.
 */
#include "lib/kstat.h"
#include "sched/sched_impl.h"

#define BALANCE_EVERY_NS UINT64_C(100000000)

// Claim hart i, if it is idle, so that the next one to ask gets another.
static bool
claim_idle(unsigned i)
{
	uint64_t bit = UINT64_C(1) << i;

	return __atomic_fetch_and(&idle_harts, ~bit, __ATOMIC_RELAXED) & bit;
}

static struct run_queue *
any_idle(void)
{
	uint64_t idle = __atomic_load_n(&idle_harts, __ATOMIC_RELAXED);

	for (unsigned i = 0; idle >> i != 0; i++)
		if ((idle >> i & 1) && claim_idle(i))
			return &run_queues[i];
	return NULL;
}

struct run_queue *
sched_place(const struct thread *t)
{
	struct run_queue *last = &run_queues[t->queue];

	if (__atomic_load_n(&idle_harts, __ATOMIC_RELAXED) == 0)
		return last;
	// Its registers may still be in use there (sched.c, rule 2).
	if (t->pinned != 0 || __atomic_load_n(&t->on_hart, __ATOMIC_ACQUIRE))
		return last;
	if (claim_idle(last->index))
		return last;
	struct run_queue *other = any_idle();
	return other != NULL ? other : last;
}

static bool
runs_threads(unsigned hart)
{
	return __atomic_load_n(&hart_at(hart)->online, __ATOMIC_ACQUIRE) != 0;
}

struct run_queue *
sched_place_new(void)
{
	struct run_queue *best = any_idle();
	unsigned fewest = UINT32_MAX;

	if (best != NULL)
		return best;
	best = this_queue();
	for (unsigned i = 0; i < hart_count(); i++) {
		// Beginning here, so that of equals this hart wins.
		unsigned hart = (this_queue()->index + i) % hart_count();
		unsigned n = policy_count(&run_queues[hart].policy);
		if (runs_threads(hart) && n < fewest) {
			fewest = n;
			best = &run_queues[hart];
		}
	}
	return best;
}

// The longest queue but to, with at least least threads, of a hart that won't
// see to it at once.
static struct run_queue *
longest_queue(const struct run_queue *to, unsigned least)
{
	struct run_queue *longest = NULL;
	uint64_t idle = __atomic_load_n(&idle_harts, __ATOMIC_RELAXED);

	for (unsigned i = 0; i < hart_count(); i++) {
		struct run_queue *q = &run_queues[i];
		unsigned n = policy_count(&q->policy);
		if (q == to || (idle >> i & 1) || n < least)
			continue;
		longest = q;
		least = n + 1;
	}
	return longest;
}

// Take a thread of from's into to.  Both are locked.
static bool
move_one(struct run_queue *from, struct run_queue *to)
{
	struct policy_thread *p = policy_steal(&from->policy, &to->policy);
	if (p == NULL)
		return false;

	struct thread *t = container_of(p, struct thread, policy);
	if (t->pinned != 0) {
		policy_enqueue(&from->policy, p, POLICY_MOVED);
		return false;
	}
	t->queue = to->index;
	policy_enqueue(&to->policy, p, POLICY_MOVED);
	kstat_inc(KSTAT_STEALS);
	return true;
}

static bool
take_from(struct run_queue *from, struct run_queue *to)
{
	struct run_queue *low = from->index < to->index ? from : to;
	struct run_queue *high = from->index < to->index ? to : from;

	spin_lock(&low->lock);
	spin_lock_nested(&high->lock);
	bool moved = move_one(from, to);
	spin_unlock(&high->lock);
	spin_unlock(&low->lock);
	return moved;
}

bool
sched_steal(struct run_queue *to)
{
	struct run_queue *from = longest_queue(to, 1);

	return from != NULL && take_from(from, to);
}

void
sched_balance(struct run_queue *to, uint64_t now)
{
	if (now < to->balance_ns || to->current == to->idle)
		return;
	to->balance_ns = now + BALANCE_EVERY_NS;
	struct run_queue *from = longest_queue(to, policy_count(&to->policy) + 2);
	if (from != NULL)
		take_from(from, to);
}
