// SPDX-License-Identifier: MIT
/*
 * Timers: a timing wheel and its lock for each hart.
 *
 *   1. A timeout says which wheel it is in, or was in last (timeout.hart); that
 *      changes only with the locks of both wheels held.
 *   2. A wheel is advanced by its own hart's interrupt only.  A function is
 *      called without the lock, and while it runs the hart says so (running),
 *      from before its timeout is idle until after the last use of it.
 *   3. So who finds a timeout idle under the lock, and no hart that runs it,
 *      knows that its function has ended.
 */
#include "sched/timer.h"

#include "arch/hart.h"
#include "arch/time.h"
#include "lib/kstat.h"
#include "lock/spinlock.h"
#include "sched/sched_impl.h"

/*
 *   w  lock
 *   a  atomic; written by the hart
 */
struct hart_timers {
	struct spinlock lock;
	struct wheel wheel;      // [w]
	struct timeout *running; // [a] whose function is being called
} __attribute__((aligned(64)));

static struct lock_class timer_class = LOCK_CLASS("timer", RANK_TIMER);
static struct hart_timers timers[HART_MAX];

void
timer_init(void)
{
	for (unsigned i = 0; i < HART_MAX; i++) {
		spin_init(&timers[i].lock, &timer_class);
		wheel_init(&timers[i].wheel, time_ns());
	}
}

void
timer_setup(struct timeout *t, void (*fn)(void *arg), void *arg)
{
	list_init(&t->link);
	t->fn = fn;
	t->arg = arg;
	t->hart = this_hart()->index; // any hart will do
}

// Lock the wheel that t is or was in.
static struct hart_timers *
lock_wheel_of(struct timeout *t)
{
	for (;;) {
		uint32_t hart = __atomic_load_n(&t->hart, __ATOMIC_RELAXED);
		struct hart_timers *h = &timers[hart];
		spin_lock(&h->lock);
		if (t->hart == hart)
			return h;
		spin_unlock(&h->lock);
	}
}

// Move t, which is idle or will be, to wheel here.  Both wheels are locked on
// return, which is wheel here alone if t was in it.
static struct hart_timers *
lock_wheels(struct timeout *t, uint32_t here)
{
	for (;;) {
		uint32_t from = __atomic_load_n(&t->hart, __ATOMIC_RELAXED);
		uint32_t low = from < here ? from : here, high = from < here ? here : from;

		spin_lock(&timers[low].lock);
		if (high != low)
			spin_lock_nested(&timers[high].lock);
		if (t->hart == from)
			return &timers[from];
		if (high != low)
			spin_unlock(&timers[high].lock);
		spin_unlock(&timers[low].lock);
	}
}

void
timer_set(struct timeout *t, uint64_t when)
{
	intr_push();

	uint32_t here = this_hart()->index;
	struct hart_timers *h = &timers[here];
	struct hart_timers *from = lock_wheels(t, here);
	wheel_remove(&from->wheel, t);
	__atomic_store_n(&t->hart, here, __ATOMIC_RELAXED);
	wheel_add(&h->wheel, t, when);
	uint64_t next = wheel_next(&h->wheel);
	if (from != h)
		spin_unlock(&from->lock);
	spin_unlock(&h->lock);
	sched_arm(next);

	intr_pop();
}

int
timer_cancel(struct timeout *t)
{
	struct hart_timers *h = lock_wheel_of(t);
	int was_pending = wheel_remove(&h->wheel, t);

	spin_unlock(&h->lock);
	return was_pending;
}

int
timer_cancel_wait(struct timeout *t)
{
	int was_pending = 0;

	do {
		was_pending |= timer_cancel(t);
		for (unsigned i = 0; i < hart_count(); i++)
			while (__atomic_load_n(&timers[i].running, __ATOMIC_ACQUIRE) == t)
				cpu_relax();
	} while (timeout_pending(t)); // its function has set it anew
	return was_pending;
}

void
timer_run(void)
{
	struct hart_timers *h = &timers[this_hart()->index];
	uint64_t now = time_ns();

	for (;;) {
		spin_lock(&h->lock);
		struct timeout *t = wheel_advance(&h->wheel, now);
		if (t == NULL)
			break;
		__atomic_store_n(&h->running, t, __ATOMIC_RELAXED); // seen by who locks next
		void (*fn)(void *arg) = t->fn;
		void *arg = t->arg;
		spin_unlock(&h->lock);

		fn(arg);
		__atomic_store_n(&h->running, NULL, __ATOMIC_RELEASE);
		kstat_inc(KSTAT_TIMEOUTS_FIRED);
	}
	spin_unlock(&h->lock);
}

uint64_t
timer_next(void)
{
	struct hart_timers *h = &timers[this_hart()->index];

	spin_lock(&h->lock);
	uint64_t next = wheel_next(&h->wheel);
	spin_unlock(&h->lock);
	return next;
}
