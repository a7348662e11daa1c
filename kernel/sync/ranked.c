// SPDX-License-Identifier: MIT
/*
 * The check of the order for locks that sleep, and the bound on waiting.
 *
 * A lock is noted in the thread's list before the thread waits for it, so that
 * a deadlock is found when it is made possible and not when it happens; while
 * it waits, thread.wants tells that the lock isn't its yet.  From these lists a
 * report knows holders and waiters without asking the lock, whose algorithm may
 * be what is broken.
 *
 * The bound is kept by a timer, so the waiter keeps its place in the queue.
 */
#include "sync/ranked.h"

#include "arch/time.h"
#include "lib/backtrace.h"
#include "lib/bootargs.h"
#include "lib/print.h"
#include "sched/thread.h"
#include "sched/timer.h"

#define TIMEOUT_DEFAULT_MS 30000

// Holders and waiters shown with their stacks.
#define SHOWN_MAX 4

void
ranked_acquire(const void *lock, struct lock_class *class, uint64_t site, enum rank_nesting nesting)
{
	rank_acquire(&thread_current()->held, lock, class, site, nesting);
}

void
ranked_release(const void *lock, struct lock_class *class)
{
	rank_release(&thread_current()->held, lock, class);
}

bool
ranked_holds(const void *lock)
{
	return rank_holds(&thread_current()->held, lock);
}

void
ranked_assert_none(const char *where)
{
	rank_assert_none(&thread_current()->held, where);
}

// ---- The report --------------------------------------------------------------

/*
 * Threads that have a lock in their list.  Each shown has a reference.
 */
struct involved {
	const void *lock;
	bool waiters; // those that wait for it, or those that hold it
	unsigned count;
	struct thread *shown[SHOWN_MAX];
};

static void
collect(void *arg, struct thread *t)
{
	struct involved *inv = arg;
	bool waits = __atomic_load_n(&t->wants, __ATOMIC_RELAXED) == inv->lock;

	if (waits != inv->waiters || !rank_holds(&t->held, inv->lock))
		return;
	if (inv->count < SHOWN_MAX) {
		thread_get(t);
		inv->shown[inv->count] = t;
	}
	inv->count++;
}

static uint64_t
site_of(const struct thread *t, const void *lock)
{
	for (uint32_t i = 0; i < t->held.count && i < HELD_MAX; i++)
		if (t->held.entry[i].lock == lock)
			return t->held.entry[i].site;
	return 0;
}

static void
print_involved(const struct involved *inv)
{
	char site[96];

	print_error("  %u %s it:", inv->count, inv->waiters ? "wait for" : "hold");
	for (unsigned i = 0; i < inv->count && i < SHOWN_MAX; i++) {
		struct thread *t = inv->shown[i];
		enum thread_state state = t->state;
		backtrace_format(site, sizeof(site), site_of(t, inv->lock));
		print_error("  thread %d (%s), %s%s%s, at %s", t->arch.id, t->arch.name,
			    thread_state_name(state), state == THREAD_ASLEEP ? " on " : "",
			    state == THREAD_ASLEEP ? t->wait_name : "", site);
		if (state == THREAD_ASLEEP || state == THREAD_READY)
			backtrace_print_thread(&t->arch);
	}
}

static void
report_involved(const void *lock, bool waiters)
{
	struct involved inv = { .lock = lock, .waiters = waiters };

	thread_for_each(collect, &inv);
	print_involved(&inv);
	for (unsigned i = 0; i < inv.count && i < SHOWN_MAX; i++)
		thread_put(inv.shown[i]);
}

static void
report(const struct ranked_wait *w, uint64_t now)
{
	char site[96];

	backtrace_format(site, sizeof(site), w->site);
	print_error("\nlock %s (%p): thread %d (%s) waits for %lu ms, at %s", w->class->name,
		    w->lock, w->thread->arch.id, w->thread->arch.name,
		    (now - w->since_ns) / NS_PER_MS, site);
	if (w->progress != NULL && w->seen != 0)
		print_error("  taken last %lu ms ago", (now - w->seen) / NS_PER_MS);
	report_involved(w->lock, false);
	report_involved(w->lock, true);
}

// ---- The bound ---------------------------------------------------------------

static uint64_t
bound_ns(void)
{
	static uint64_t bound = UINT64_MAX; // atomic; read from the arguments at first

	uint64_t ns = __atomic_load_n(&bound, __ATOMIC_RELAXED);
	if (ns == UINT64_MAX) {
		ns = bootargs_number("mutextimeout", TIMEOUT_DEFAULT_MS) * NS_PER_MS;
		__atomic_store_n(&bound, ns, __ATOMIC_RELAXED);
	}
	return ns;
}

static uint64_t
progress_of(const struct ranked_wait *w)
{
	return w->progress == NULL ? 0 : __atomic_load_n(w->progress, __ATOMIC_RELAXED);
}

// An interrupt, while the thread waits: w and the lock are there.
static void
look(void *arg)
{
	struct ranked_wait *w = arg;
	uint64_t now = time_ns(), next = bound_ns(), seen = progress_of(w);

	if (seen == w->seen && lock_report_begin(w->lock)) {
		report(w, now);
		lock_report_end();
	}
	w->seen = seen;
	timer_set(&w->timer, now + next);
}

void
ranked_wait_begin(struct ranked_wait *w, const void *lock, struct lock_class *class, uint64_t site,
		  const uint64_t *progress, enum ranked_bound bound)
{
	uint64_t ns = bound_ns();

	w->lock = lock;
	w->class = class;
	w->thread = thread_current();
	w->site = site;
	w->since_ns = time_ns();
	w->progress = progress;
	w->seen = progress_of(w);
	__atomic_store_n(&w->thread->wants, lock, __ATOMIC_RELAXED);
	timer_setup(&w->timer, look, w);
	if (bound == RANKED_BOUNDED && ns != 0)
		timer_set(&w->timer, w->since_ns + ns);
}

void
ranked_wait_end(struct ranked_wait *w)
{
	timer_cancel_wait(&w->timer);
	__atomic_store_n(&w->thread->wants, NULL, __ATOMIC_RELAXED);
	__atomic_fetch_add(&w->class->contended, 1, __ATOMIC_RELAXED);
	lock_class_raise(&w->class->max_wait_ns, time_ns() - w->since_ns);
}
