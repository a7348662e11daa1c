// SPDX-License-Identifier: MIT
/*
 * The one sleep.
 *
 * A sleep is a struct sleeper on the stack of the thread that sleeps.  It is in
 * the wait queue, known to the thread, and has a timer if there is a deadline;
 * so three may end it, and its outcome says which one did.
 *
 *   1. The outcome is decided once, under the thread's lock, and whoever
 *      decides it makes the thread ready.
 *   2. The sleeper leaves the wait queue under the guard: by who wakes it, or by
 *      itself when the guard is its again.  So a waker may meet a sleep that is
 *      already decided, and passes it over; it never meets one that is gone.
 *   3. The timer is idle, and its function has ended, before the sleep returns.
 *   4. The guard is held until the thread's lock is, and that until the state is
 *      ASLEEP behind the lock of the run queue.  So no wake-up falls between
 *      the caller's look at its condition and the sleep.
 *
 * The timer's function takes the thread's lock only, so that waiting for its
 * end is short and is done without the guard.
 */
#include "sched/sleep.h"

#include "abi/errno.h"
#include "arch/time.h"
#include "lib/kstat.h"
#include "lib/panic.h"
#include "sched/sched_impl.h"
#include "sched/timer.h"

// Not decided yet; else 0, -EINTR or -ETIMEDOUT.
#define UNDECIDED 1

/*
 *   I  fixed at the start of the sleep
 *   g  the guard
 *   t  the thread's lock
 */
struct sleeper {
	struct list link;      // [g] in the wait queue
	struct thread *thread; // [I]
	bool interruptible;    // [I]
	int outcome;           // [t]
	struct timeout timer;
};

static struct lock_class wait_class = LOCK_CLASS("sleep_until", RANK_WAIT);

void
waitqueue_init(struct waitqueue *q, const char *name)
{
	list_init(&q->waiters);
	q->name = name;
}

bool
waitqueue_empty(const struct waitqueue *q)
{
	return list_empty(&q->waiters);
}

unsigned
waitqueue_count(const struct waitqueue *q)
{
	unsigned n = 0;
	const struct list *l;

	list_for_each(l, &q->waiters)
		n++;
	return n;
}

// Decide s, whose thread's lock is held.  Returns whether it was undecided.
static bool
decide(struct sleeper *s, int outcome)
{
	struct thread *t = s->thread;

	if (s->outcome != UNDECIDED)
		return false;
	s->outcome = outcome;
	t->sleeper = NULL;
	t->waiting_on = NULL;
	if (t->state == THREAD_ASLEEP)
		sched_make_ready(t, POLICY_WAKE);
	return true;
}

static bool
end_sleep(struct sleeper *s, int outcome)
{
	struct thread *t = s->thread;

	spin_lock(&t->lock);
	bool ended = decide(s, outcome);
	spin_unlock(&t->lock);
	return ended;
}

static void
deadline_passed(void *arg)
{
	end_sleep(arg, -ETIMEDOUT);
}

// Say why the current thread must not sleep.
_Noreturn static __attribute__((noinline, cold)) void
must_not_sleep(const struct waitqueue *q, const struct spinlock *guard)
{
	const struct arch_thread *t = arch_current();

	if (!spin_held(guard))
		panic("sleep on %s without its guard, spinlock %s", q->name, guard->class->name);
	if (spin_held_count() != 1)
		panic("sleep on %s with %u spinlocks held besides its guard, %s", q->name,
		      spin_held_count() - 1, guard->class->name);
	if (t->intr_depth != 1 || !t->intr_were_on)
		panic("sleep on %s with interrupts off before its guard, %s, was taken", q->name,
		      guard->class->name);
	panic("sleep on %s by %s, which must not", q->name, t->name);
}

// The caller holds the guard and nothing else (each spinlock counts as one
// intr_push()), isn't an interrupt, and isn't an idle thread, nor main().
static void
check_may_sleep(const struct waitqueue *q, const struct spinlock *guard)
{
	const struct arch_thread *t = arch_current();
	const struct arch_thread *idle = t->hart->idle;

	if (!spin_held(guard) || t->intr_depth != 1 || !t->intr_were_on || idle == NULL ||
	    idle == t)
		must_not_sleep(q, guard);
}

// Sleep unless s is decided already.  The guard is held, and given back.
static void
sleep_undecided(struct sleeper *s, struct waitqueue *q, struct spinlock *guard, uint64_t site)
{
	struct thread *t = s->thread;

	spin_lock(&t->lock);
	if (s->interruptible && t->interrupted)
		decide(s, -EINTR);
	if (s->outcome != UNDECIDED) {
		spin_unlock(&t->lock);
		spin_unlock(guard);
		return;
	}
	t->sleeper = s;
	t->waiting_on = q;
	t->wait_name = q->name;
	t->wait_site = site;
	sched_sleep(t, guard);
}

int
sleep_on(struct waitqueue *q, struct spinlock *guard, enum sleep_flags flags, uint64_t deadline)
{
	check_may_sleep(q, guard);
	if (deadline != DEADLINE_NONE && deadline <= time_ns())
		return -ETIMEDOUT;

	struct sleeper s;
	s.thread = thread_current();
	s.interruptible = flags & SLEEP_INTERRUPTIBLE;
	s.outcome = UNDECIDED;
	list_push_back(&q->waiters, &s.link);
	if (deadline != DEADLINE_NONE) {
		timer_setup(&s.timer, deadline_passed, &s);
		timer_set(&s.timer, deadline);
	}
	sleep_undecided(&s, q, guard, (uint64_t)__builtin_return_address(0));

	if (deadline != DEADLINE_NONE)
		timer_cancel_wait(&s.timer);
	spin_lock(guard);
	list_remove(&s.link);
	return s.outcome;
}

struct thread *
wake_first(struct waitqueue *q)
{
	struct list *l;

	while ((l = list_pop_front(&q->waiters)) != NULL) {
		struct sleeper *s = container_of(l, struct sleeper, link);
		if (end_sleep(s, 0)) {
			kstat_inc(KSTAT_WAKEUPS);
			return s->thread;
		}
	}
	return NULL;
}

unsigned
wake_one(struct waitqueue *q)
{
	return wake_first(q) != NULL;
}

unsigned
wake_all(struct waitqueue *q)
{
	unsigned n = 0;

	while (wake_first(q) != NULL)
		n++;
	return n;
}

int
sleep_until(uint64_t deadline, enum sleep_flags flags)
{
	struct waitqueue q = WAITQUEUE_INIT(q, "time");
	struct spinlock guard;

	spin_init(&guard, &wait_class);
	spin_lock(&guard);
	int error = sleep_on(&q, &guard, flags, deadline);
	spin_unlock(&guard);
	return error == -ETIMEDOUT ? 0 : error;
}

void
thread_interrupt(struct thread *t)
{
	spin_lock(&t->lock);
	t->interrupted = true;
	if (t->sleeper != NULL && t->sleeper->interruptible)
		decide(t->sleeper, -EINTR);
	spin_unlock(&t->lock);
}

void
thread_uninterrupt(struct thread *t)
{
	spin_lock(&t->lock);
	t->interrupted = false;
	spin_unlock(&t->lock);
}
