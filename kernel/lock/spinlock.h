// SPDX-License-Identifier: MIT
/*
 * Spinlocks: for short critical sections that must not sleep.
 *
 * Taking one turns interrupts off on this hart until the last is given back,
 * so that a handler can't wait for the thread that it interrupted.  Taking a
 * lock twice, out of rank order (lock/order.h), or giving back one that isn't
 * held is a panic that names locks and call sites.  A wait of more than the
 * bound (boot argument locktimeout=, in ms of the machine's time, default
 * 2000) is reported: lock, holder with hart, thread, call site and how long,
 * who waits, threads and stacks; then, as the boot argument lockdebug= says,
 * the wait goes on (report) or the machine panics (panic, the default).
 */
#pragma once

#include "lib/panic.h"
#include "lock/lockclass.h"
#include "lock/rawlock.h"

struct arch_thread;
struct spin_held;

/*
 *   I  fixed at initialisation
 *   h  the holder
 */
struct spinlock {
	struct rawlock raw;
	struct lock_class *class;   // [I]
	struct arch_thread *holder; // [h] NULL while free
	uint64_t site;              // [h] return address of who took it
	uint64_t since_ns;          // [h] when, only while lockstat is on
	struct spin_held *entry;    // [h] its place in the hart's list of held locks
};

#define SPINLOCK_INIT(lock_class)     \
	{                             \
		.class = (lock_class) \
	}

void spin_init(struct spinlock *l, struct lock_class *class);
void spin_lock(struct spinlock *l);
bool spin_trylock(struct spinlock *l);
void spin_unlock(struct spinlock *l);

// Take l while holding a lock of the same rank; the caller's rank comment says
// which order makes that safe.
void spin_lock_nested(struct spinlock *l);

// Whether this hart holds l.
bool spin_held(const struct spinlock *l);
#define assert_held(l) assert(spin_held(l))

// Whether this hart holds any spinlock (then it must not sleep).  The count.
unsigned spin_held_count(void);

// Panic unless the current thread may sleep here: no spinlock held, interrupts
// not pushed off, not in an interrupt.  what names the call.
void assert_may_sleep(const char *what);

// The context switch hands a held lock over: the run queue's lock is taken by
// the thread that goes and given back by the one that comes, on one hart.
void spin_pass_to(struct spinlock *l, struct arch_thread *next);

// Read the boot arguments and install the report of held locks.
void lock_init(void);

// Wait bound in ns, for locks that sleep as well.
uint64_t lock_timeout_ns(void);
// What to do when a wait is over the bound, after the report.
void lock_timeout_action(const char *name);

// Whether a report on a lock (or anything by its address) is due: one is made at
// a time, and for one lock once a minute.  If so it counts as made, and
// lock_report_end() follows it.  Any context.
bool lock_report_begin(const void *lock);
void lock_report_end(void);
