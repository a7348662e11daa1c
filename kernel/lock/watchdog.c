// SPDX-License-Identifier: MIT
/*
 * Waiting for a spinlock is bounded in time.
 *
 *   1. A wait is measured by the machine's clock, not in turns, so the bound
 *      means the same under load and at any speed.
 *   2. Time in which this hart itself stood still, as the host's other work
 *      may make it, counts only up to STEP_MAX_NS between two looks at the
 *      clock: that is nobody's fault.
 *   3. Past the bound the wait is reported, once a minute for a lock at most;
 *      then the boot argument lockdebug= decides.
 *   4. The report takes no spinlock and changes nothing, since anything may be
 *      broken by then.
 *
 * A hart that waits for a lock keeps what it waits for in its spin_wait, so a
 * deadlock between harts shows all of its members with their stacks.
 */
#include "arch/power.h"
#include "arch/time.h"
#include "arch/upcall.h"
#include "lib/backtrace.h"
#include "lib/bootargs.h"
#include "lib/kstat.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/string.h"
#include "lock/lock_impl.h"

#define TIMEOUT_DEFAULT_MS 2000
#define STEP_MAX_NS        (100 * NS_PER_MS)
#define REPORT_EVERY_NS    (60 * NS_PER_SEC)
#define REPORTS_KEPT       8

// Past the bound, when to ask again whether a report is due.
#define ASK_AGAIN_NS NS_PER_SEC

// A hart spins for so many turns, then sleeps for moments.
#define TURNS_AWAKE 64
#define NAP_NS      (50 * NS_PER_US)

static uint64_t timeout_ns = TIMEOUT_DEFAULT_MS * NS_PER_MS;
static bool timeout_panics = true;

// Which locks were reported when; changed by the one that set busy.
static struct {
	uint32_t busy; // atomic
	uint32_t next;
	const void *lock[REPORTS_KEPT];
	uint64_t when_ns[REPORTS_KEPT];
} reports;

uint64_t
lock_timeout_ns(void)
{
	return timeout_ns;
}

void
lock_timeout_action(const char *name)
{
	if (timeout_panics)
		panic("lock %s: waited for too long (boot arguments locktimeout=, lockdebug=)",
		      name);
}

static const char *
thread_name(const struct arch_thread *t)
{
	return t == NULL ? "none" : t->name;
}

static int
thread_id(const struct arch_thread *t)
{
	return t == NULL ? 0 : t->id;
}

static void
print_hart_wait(unsigned hart, const struct spin_wait *w)
{
	char site[96];
	const struct arch_thread *t = hart_at(hart)->current;

	backtrace_format(site, sizeof(site), w->site);
	print_error("  hart %u, thread %d (%s) waits for spinlock %s (%p) for %lu ms, at %s", hart,
		    thread_id(t), thread_name(t), w->lock->class->name, (const void *)w->lock,
		    (time_ns() - w->since_ns) / NS_PER_MS, site);
}

// Whether hart i waits in a loop.
static bool
hart_waits(unsigned i)
{
	const struct spin_wait *w = &spin_harts[i].wait;

	return __atomic_load_n(&w->turns, __ATOMIC_ACQUIRE) != 0;
}

static void
print_hart_locks(unsigned hart)
{
	const struct spin_hart *h = &spin_harts[hart];
	const struct arch_thread *t = hart_at(hart)->current;
	char site[96];

	for (const struct spin_held *e = &h->held[1]; e <= h->top; e++) {
		const struct spinlock *l = e->lock;
		if (l == NULL || (hart_waits(hart) && l == h->wait.lock))
			continue;
		backtrace_format(site, sizeof(site), l->site);
		print_error("  hart %u, thread %d (%s) holds spinlock %s (%p), taken at %s", hart,
			    thread_id(t), thread_name(t), l->class->name, (const void *)l, site);
	}
	if (hart_waits(hart))
		print_hart_wait(hart, &h->wait);
}

void
lock_print_harts(void)
{
	print_error("spinlocks, by hart:");
	for (unsigned i = 0; i < hart_count(); i++)
		print_hart_locks(i);
}

static void
print_holder(const struct spinlock *l)
{
	char site[96];
	const struct arch_thread *t = __atomic_load_n(&l->holder, __ATOMIC_ACQUIRE);

	if (t == NULL) {
		print_error("  nobody holds it: it is being handed over, or its algorithm has "
			    "lost it");
		return;
	}
	backtrace_format(site, sizeof(site), l->site);
	print_error("  holder: hart %u, thread %d (%s), taken at %s", t->hart->index, t->id,
		    t->name, site);
	if (l->since_ns != 0)
		print_error("  held for %lu ms", (time_ns() - l->since_ns) / NS_PER_MS);
	if (t->hart->current != t) {
		print_error("  the holder does not run; its stack:");
		backtrace_print_thread(t);
	}
}

static void
print_stacks_of_waiters(void)
{
	for (unsigned i = 0; i < hart_count(); i++) {
		if (!hart_waits(i))
			continue;
		print_error("stack of hart %u:", i);
		backtrace_print_caller((const void *)spin_harts[i].wait.frame);
	}
}

static void
report(const struct spin_wait *w)
{
	print_error("\nspinlock %s (%p): waited for %lu ms", w->lock->class->name,
		    (const void *)w->lock, w->waited_ns / NS_PER_MS);
	print_holder(w->lock);
	lock_print_harts();
	print_stacks_of_waiters();
	upcall_report_threads();
}

bool
lock_report_begin(const void *lock)
{
	uint64_t now = time_ns();

	if (__atomic_exchange_n(&reports.busy, 1, __ATOMIC_ACQUIRE) != 0)
		return false;
	for (unsigned i = 0; i < REPORTS_KEPT; i++) {
		if (reports.lock[i] == lock && now - reports.when_ns[i] < REPORT_EVERY_NS) {
			lock_report_end();
			return false;
		}
	}
	reports.lock[reports.next] = lock;
	reports.when_ns[reports.next] = now;
	reports.next = (reports.next + 1) % REPORTS_KEPT;
	kstat_inc(KSTAT_LOCK_TIMEOUTS);
	return true;
}

void
lock_report_end(void)
{
	__atomic_store_n(&reports.busy, 0, __ATOMIC_RELEASE);
}

static void
over_the_bound(struct spin_wait *w)
{
	// The harts that could give it back are stopped.
	if (panicking()) {
		print_error("panic: spinlock %s is never given back; switching off",
			    w->lock->class->name);
		power_off(PANIC_STATUS);
	}
	w->limit_ns = w->waited_ns + ASK_AGAIN_NS;
	if (!lock_report_begin(w->lock))
		return;
	report(w);
	lock_timeout_action(w->lock->class->name);
	lock_report_end();
}

static void
look_at_clock(struct spin_wait *w)
{
	uint64_t now = time_ns();

	w->waited_ns += MIN(now - w->checked_ns, STEP_MAX_NS);
	if (w->waited_ns >= w->limit_ns) {
		over_the_bound(w);
		now = time_ns(); // a report takes time, and none of it was waiting
	}
	w->checked_ns = now;
}

/*
 * Sleep for a moment.  The timer is the scheduler's: spin_wait_end() lets it fire,
 * and the scheduler sets it anew.  Other interrupts, which may be pending all
 * the time, don't end the sleep.
 */
static void
nap(void)
{
	uint64_t enabled = csr_read(sie);

	csr_write(sie, SIE_STI);
	time_set_timer(time_ns() + NAP_NS);
	cpu_idle();
	csr_write(sie, enabled);
}

__attribute__((noinline)) void
spin_pause(struct spin_wait *w)
{
	if (w->turns == 0) {
		w->since_ns = w->checked_ns = time_ns();
		w->waited_ns = 0;
		w->limit_ns = timeout_ns;
		w->frame = (uint64_t)__builtin_frame_address(0);
	}
	__atomic_store_n(&w->turns, w->turns + 1, __ATOMIC_RELEASE);
	cpu_relax();
	if (w->turns > TURNS_AWAKE)
		nap();
	if (w->turns % SPIN_CHECK_TURNS == 0)
		look_at_clock(w);
}

void
spin_wait_end(struct spin_wait *w, struct lock_class *class)
{
	__atomic_fetch_add(&class->contended, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&class->waits, w->turns, __ATOMIC_RELAXED);
	lock_class_raise(&class->max_wait_ns, time_ns() - w->since_ns);
	if (w->turns > TURNS_AWAKE)
		time_set_timer(0);
	w->turns = 0;
}

void
lock_init(void)
{
	char word[16];

	timeout_ns = bootargs_number("locktimeout", TIMEOUT_DEFAULT_MS) * NS_PER_MS;
	lock_times = bootargs_flag("lockstat");
	for (unsigned i = 0; i < HART_MAX; i++)
		spin_harts[i].times = lock_times;
	if (bootargs_string("lockdebug", word, sizeof(word))) {
		if (strcmp(word, "report") == 0)
			timeout_panics = false;
		else if (strcmp(word, "panic") != 0)
			print_warn("boot argument lockdebug=%s: neither report nor panic; panic "
				   "it is",
				   word);
	}
	panic_set_lock_report(lock_print_harts);
}
