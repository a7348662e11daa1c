// SPDX-License-Identifier: MIT
/*
 * How busy the machine is: times, and load averages in the manner of Unix: the
 * number of threads that run or want to, sampled every five seconds, in
 * exponentially weighted averages over 1, 5 and 15 minutes.
 */
#include "arch/time.h"
#include "sched/sched_impl.h"
#include "sched/timer.h"

#define SAMPLE_NS (5 * NS_PER_SEC)
#define ONE       UINT64_C(65536)

// e^(-5/60), e^(-5/300) and e^(-5/900) times ONE: what an average keeps.
static const uint64_t keep[3] = { 60297, 64453, 65173 };

static uint64_t load[3]; // atomic
static struct timeout sample_timer;

unsigned
sched_runnable(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < hart_count(); i++) {
		struct run_queue *q = &run_queues[i];
		spin_lock(&q->lock);
		n += policy_count(&q->policy) + (q->current != q->idle);
		spin_unlock(&q->lock);
	}
	return n;
}

static void
sample(void *arg)
{
	uint64_t now = sched_runnable() * ONE;

	(void)arg;
	for (unsigned i = 0; i < 3; i++) {
		uint64_t old = __atomic_load_n(&load[i], __ATOMIC_RELAXED);
		uint64_t sum = old * keep[i] + now * (ONE - keep[i]) + ONE / 2;
		__atomic_store_n(&load[i], sum / ONE, __ATOMIC_RELAXED);
	}
	timer_set(&sample_timer, time_ns() + SAMPLE_NS);
}

void
load_init(void)
{
	timer_setup(&sample_timer, sample, NULL);
	timer_set(&sample_timer, time_ns() + SAMPLE_NS);
}

void
sched_load(uint64_t out[3])
{
	for (unsigned i = 0; i < 3; i++)
		out[i] = __atomic_load_n(&load[i], __ATOMIC_RELAXED);
}

void
sched_times(uint64_t *busy_ns, uint64_t *idle_ns)
{
	*busy_ns = 0;
	*idle_ns = 0;
	for (unsigned i = 0; i < hart_count(); i++) {
		struct run_queue *q = &run_queues[i];
		spin_lock(&q->lock);
		*busy_ns += q->busy_ns;
		if (q->current != NULL && q->current != q->idle)
			*busy_ns += time_ns() - q->current->picked_ns;
		spin_unlock(&q->lock);
		*idle_ns += hart_at(i)->idle_ns;
	}
}
