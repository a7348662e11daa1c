// SPDX-License-Identifier: MIT
/*
 * Run queues and the switch between threads.
 *
 *   1. A thread is ready exactly while it is in the policy of one queue, that
 *      of hart thread.queue, and changes queues only with both locked.
 *   2. A switch is made with the hart's queue locked from before the thread
 *      that goes changes its state until the one that comes has cleared its
 *      on_hart.  So nobody sees a thread asleep, ready or dead without also
 *      seeing on_hart while its registers are still in use; one with on_hart
 *      set is made ready on its own hart only, behind that lock.
 *   3. The thread that comes gives the lock back (sched_finish_switch()), and
 *      frees the one that went if that was its last: its stack is in use until
 *      then.
 *   4. An idle thread is in no queue.  It looks at its queue under the lock,
 *      then sleeps with interrupts off since before that, so that the kick of
 *      who came later ends its sleep at once.
 *   5. Who should give way has need_resched set, under the lock; a kick is sent
 *      only by who sets it.  It is cleared when the thread goes.
 *
 * A hart that runs one thread alone has no end of turn to wait for.  So when
 * the first thread comes to wait behind it, the timer is set anew, if need be
 * by a kick.
 *
 * Interrupts: a thread's count of intr_push() is its own and stays with it over
 * a switch, as the lock of the queue does with the hart.
 */
#include "sched/sched.h"

#include "arch/smp.h"
#include "arch/time.h"
#include "arch/upcall.h"
#include "lib/kstat.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "sched/sched_impl.h"
#include "sched/timer.h"

static void (*switch_hook)(struct thread *from, struct thread *to);

static struct thread *
thread_of(struct policy_thread *p)
{
	return container_of(p, struct thread, policy);
}

// Idle threads never move, so an old answer is right too.
static bool
is_idle(const struct thread *t)
{
	return run_queues[t->queue].idle == t;
}

void
sched_set_switch_hook(void (*hook)(struct thread *from, struct thread *to))
{
	switch_hook = hook;
}

struct run_queue *
sched_lock_queue(void)
{
	intr_push(); // stay on this hart until its queue is locked
	struct run_queue *q = this_queue();
	spin_lock(&q->lock);
	intr_pop();
	return q;
}

// ---- Time --------------------------------------------------------------------

void
sched_arm(uint64_t when)
{
	struct run_queue *q = this_queue();

	if (when < q->armed_ns) {
		q->armed_ns = when;
		time_set_timer(when);
	}
}

bool
sched_charge(struct run_queue *q, uint64_t now)
{
	struct thread *t = q->current;
	uint64_t ran = now - t->picked_ns;

	t->picked_ns = now;
	if (t == q->idle)
		return policy_count(&q->policy) != 0;
	t->run_ns += ran;
	q->busy_ns += ran;
	return policy_charge(&q->policy, &t->policy, ran);
}

// Arm the timer for the end of the running thread's turn.  q is this hart's.
static void
arm_turn(struct run_queue *q)
{
	struct thread *t = q->current;
	uint64_t left = t == q->idle ? UINT64_MAX : policy_turn_left_ns(&q->policy, &t->policy);

	sched_arm(t->picked_ns + MIN(left, TIMER_MAX_NS));
}

void
upcall_timer(void)
{
	struct run_queue *q = this_queue();

	kstat_inc(KSTAT_TICKS);
	q->armed_ns = UINT64_MAX;
	timer_run();
	uint64_t next = timer_next();
	uint64_t now = time_ns();
	sched_balance(q, now);

	spin_lock(&q->lock);
	if (sched_charge(q, now))
		q->current->need_resched = true;
	q->current->ticks++;
	arm_turn(q);
	sched_arm(MIN(next, now + TIMER_MAX_NS));
	spin_unlock(&q->lock);
}

void
upcall_ipi(void)
{
	struct run_queue *q = this_queue();

	kstat_inc(KSTAT_IPIS);
	spin_lock(&q->lock);
	arm_turn(q);
	spin_unlock(&q->lock);
}

// ---- The switch --------------------------------------------------------------

void
sched_finish_switch(void)
{
	struct run_queue *q = this_queue();
	struct thread *previous = q->previous;
	bool dead = previous->state == THREAD_DEAD;

	__atomic_store_n(&previous->on_hart, false, __ATOMIC_RELEASE);
	spin_unlock(&q->lock);
	if (dead)
		thread_put(previous);
}

void
sched_switch_away(struct run_queue *q, uint64_t now)
{
	struct thread *from = q->current;
	struct policy_thread *p = policy_pick(&q->policy);
	struct thread *to = p != NULL ? thread_of(p) : q->idle;

	from->need_resched = false;
	to->state = THREAD_RUNNING;
	to->picked_ns = now;
	q->current = to;
	arm_turn(q);
	if (to == from) {
		spin_unlock(&q->lock);
		return;
	}

	q->previous = from;
	__atomic_store_n(&to->on_hart, true, __ATOMIC_RELAXED);
	to->switches++;
	kstat_inc(KSTAT_SWITCHES);
	if (switch_hook != NULL)
		switch_hook(from, to);
	spin_pass_to(&q->lock, &to->arch);
	context_switch(&from->arch, &to->arch);
	sched_finish_switch();
}

// Let others run, if there are any.
static void
give_way(enum policy_why why)
{
	struct run_queue *q = sched_lock_queue();
	struct thread *t = q->current;

	if (policy_count(&q->policy) == 0) {
		t->need_resched = false;
		spin_unlock(&q->lock);
		return;
	}
	uint64_t now = time_ns();
	sched_charge(q, now);
	t->state = THREAD_READY;
	policy_enqueue(&q->policy, &t->policy, why);
	sched_switch_away(q, now);
}

void
sched_preempt(void)
{
	struct thread *t = thread_current();

	if (!t->need_resched)
		return;
	assert(spin_held_count() == 0);
	kstat_inc(KSTAT_PREEMPTIONS);
	give_way(POLICY_PREEMPTED);
}

void
sched_yield(void)
{
	struct thread *t = thread_current();

	if (is_idle(t))
		return; // main() while it boots, too
	assert(spin_held_count() == 0);
	if (t->need_resched)
		sched_preempt(); // its turn is over anyway
	else
		give_way(POLICY_YIELDED);
}

void
upcall_kernel_preempt(void)
{
	// The idle thread looks at its queue anyway.
	if (!is_idle(thread_current()))
		sched_preempt();
}

void
sched_sleep(struct thread *t, struct spinlock *guard)
{
	struct run_queue *q = this_queue();

	spin_lock(&q->lock);
	t->state = THREAD_ASLEEP;
	spin_unlock(&t->lock);
	spin_unlock(guard);
	uint64_t now = time_ns();
	sched_charge(q, now);
	sched_switch_away(q, now);
}

void
sched_exit(struct thread *t)
{
	spin_lock(&t->lock);
	struct run_queue *q = this_queue();
	spin_lock(&q->lock);
	t->state = THREAD_DEAD;
	spin_unlock(&t->lock);
	uint64_t now = time_ns();
	sched_charge(q, now);
	sched_switch_away(q, now);
	panic("a dead thread runs");
}

// ---- Becoming ready ----------------------------------------------------------

// Queue t.  Returns whether q's hart must be kicked.  q is locked.
static bool
enqueue(struct run_queue *q, struct thread *t, enum policy_why why)
{
	struct thread *running = q->current;
	bool here = q == this_queue();
	bool first = policy_count(&q->policy) == 0;

	t->state = THREAD_READY;
	t->queue = q->index;
	policy_enqueue(&q->policy, &t->policy, why);
	if (running == q->idle || policy_preempts(&q->policy, &t->policy, &running->policy)) {
		if (running->need_resched)
			return false;
		running->need_resched = true;
		if (here && running != q->idle)
			sched_arm(0); // as soon as interrupts are on
		return !here;
	}
	if (first && here)
		arm_turn(q);
	return first && !here;
}

void
sched_make_ready(struct thread *t, enum policy_why why)
{
	struct run_queue *q = sched_place(t);

	spin_lock(&q->lock);
	bool kick = enqueue(q, t, why);
	spin_unlock(&q->lock);
	if (kick)
		smp_kick(q->index);
}

void
thread_start(struct thread *t)
{
	struct run_queue *q = sched_lock_queue();

	if (q->current != q->idle) {
		sched_charge(q, time_ns());
		policy_fork(&q->policy, &q->current->policy, &t->policy);
	}
	spin_unlock(&q->lock);

	spin_lock(&t->lock);
	assert(t->state == THREAD_NEW);
	q = sched_place_new();
	spin_lock(&q->lock);
	bool kick = enqueue(q, t, POLICY_NEW);
	spin_unlock(&q->lock);
	spin_unlock(&t->lock);
	if (kick)
		smp_kick(q->index);
}

// Lock the queue that t is in, or runs on.  t's lock is held.
static struct run_queue *
lock_queue_of(struct thread *t)
{
	for (;;) {
		uint32_t i = __atomic_load_n(&t->queue, __ATOMIC_RELAXED);
		spin_lock(&run_queues[i].lock);
		if (t->queue == i)
			return &run_queues[i];
		spin_unlock(&run_queues[i].lock);
	}
}

// A thread that doesn't run yet is picked behind the lock of its queue, and so
// sees what came before.
void
sched_kick(struct thread *t)
{
	spin_lock(&t->lock);
	struct run_queue *q = lock_queue_of(t);
	bool kick = t->state == THREAD_RUNNING && q != this_queue();
	spin_unlock(&q->lock);
	spin_unlock(&t->lock);
	if (kick)
		smp_kick(q->index);
}

void
sched_set_priority(struct thread *t, unsigned priority)
{
	spin_lock(&t->lock);
	struct run_queue *q = lock_queue_of(t);
	bool kick = false;

	if (t->state == THREAD_READY) {
		policy_dequeue(&q->policy, &t->policy);
		policy_set_priority(&t->policy, priority);
		kick = enqueue(q, t, POLICY_PREEMPTED);
	} else {
		if (t->state == THREAD_RUNNING)
			sched_charge(q, time_ns());
		policy_set_priority(&t->policy, priority);
		if (t->state == THREAD_RUNNING &&
		    policy_turn_left_ns(&q->policy, &t->policy) == 0) {
			t->need_resched = true;
			kick = q != this_queue();
		}
	}
	spin_unlock(&q->lock);
	spin_unlock(&t->lock);
	if (kick)
		smp_kick(q->index);
}

unsigned
sched_priority(struct thread *t)
{
	return t->policy.priority;
}
