// SPDX-License-Identifier: MIT
/*
 * Harts: their start, and what they do when there is nothing to do.
 *
 * Each hart has an idle thread, which is in no queue and runs when no other
 * does.  The boot hart's is the thread that runs main(): until that calls
 * sched_idle() it gives way to nobody, and its hart has no idle thread
 * (hart.idle is NULL), which is how others tell that it boots.
 */
#include "arch/irq.h"
#include "arch/smp.h"
#include "arch/time.h"
#include "arch/trap.h"
#include "lib/math.h"
#include "lib/print.h"
#include "mm/memory.h"
#include "sched/sched_impl.h"
#include "sched/timer.h"

// How long a hart may take from its start to its idle thread.
#define START_WAIT_NS (2 * NS_PER_SEC)

static struct lock_class queue_class = LOCK_CLASS("runqueue", RANK_RUNQUEUE);

struct run_queue run_queues[HART_MAX];
uint64_t idle_harts;

static struct thread boot_thread;

static void
sleep_until_interrupt(void)
{
	uint64_t start = time_ns();

	sched_arm(MIN(timer_next(), start + TIMER_MAX_NS));
	cpu_idle();
	this_hart()->idle_ns += time_ns() - start;
}

// One round of the idle thread: run what is ready, else steal, else sleep.
static void
idle_round(void)
{
	intr_push();

	struct run_queue *q = this_queue();
	uint64_t me = UINT64_C(1) << q->index;
	__atomic_fetch_or(&idle_harts, me, __ATOMIC_RELAXED);
	spin_lock(&q->lock);
	q->idle->need_resched = false;
	if (policy_count(&q->policy) != 0) {
		__atomic_fetch_and(&idle_harts, ~me, __ATOMIC_RELAXED);
		uint64_t now = time_ns();
		sched_charge(q, now);
		q->idle->state = THREAD_READY;
		sched_switch_away(q, now);
	} else {
		spin_unlock(&q->lock);
		if (!sched_steal(q))
			sleep_until_interrupt();
	}

	intr_pop(); // here interrupts are served
}

void
sched_idle(void)
{
	struct thread *self = thread_current();

	this_hart()->idle = &self->arch;
	intr_on();
	for (;;)
		idle_round();
}

void
sched_init_early(void)
{
	thread_init(&boot_thread, "idle0");
	boot_thread.state = THREAD_RUNNING;
	boot_thread.on_hart = true;
	boot_thread.arch.intr_depth = 0;
	hart_adopt_boot(&boot_thread.arch);
	for (unsigned i = 0; i < HART_MAX; i++) {
		struct run_queue *q = &run_queues[i];
		spin_init(&q->lock, &queue_class);
		policy_init(&q->policy);
		q->index = i;
		q->armed_ns = UINT64_MAX;
	}
	run_queues[0].idle = run_queues[0].current = &boot_thread;
}

void
sched_init(void)
{
	for (unsigned i = 1; i < hart_count(); i++) {
		struct thread *t = thread_create_idle(i);
		run_queues[i].idle = run_queues[i].current = t;
	}
	point_init();
	load_init();
}

// Where a started hart begins: its idle thread, interrupts off.
static void
hart_begins(void)
{
	memory_init_hart();
	trap_init_hart();
	irq_init_hart();
	__atomic_store_n(&this_hart()->online, 1, __ATOMIC_RELEASE);
	sched_idle();
}

void
sched_start_harts(void)
{
	unsigned online = 1;

	for (unsigned i = 1; i < hart_count(); i++) {
		struct hart *h = hart_at(i);
		uint64_t end = time_ns() + START_WAIT_NS;
		if (smp_start_hart(i, &run_queues[i].idle->arch, hart_begins) != 0)
			continue;
		while (!__atomic_load_n(&h->online, __ATOMIC_ACQUIRE) && time_ns() < end)
			cpu_relax();
		if (__atomic_load_n(&h->online, __ATOMIC_ACQUIRE))
			online++;
		else
			print_warn("hart %u was started but does not come up; going on without it",
				   h->id);
	}
	print("%u of %u harts online", online, hart_count());
}
