// SPDX-License-Identifier: MIT
/*
 * What the files of sched/ share.
 */
#pragma once

#include "lock/spinlock.h"
#include "sched/policy.h"
#include "sched/sched.h"
#include "sched/thread.h"

// A hart's timer is always armed at most this far ahead: under icount QEMU
// lets a hart in wfi sleep for ever without one.
#define TIMER_MAX_NS UINT64_C(100000000)

/*
 * One hart's threads.
 *   q  lock
 *   h  the hart, with interrupts off
 *   I  fixed at boot
 *   a  atomic
 */
struct run_queue {
	struct spinlock lock;
	struct policy_queue policy; // [q] the ready ones
	struct thread *current;     // [q] who runs
	struct thread *idle;        // [I]
	struct thread *previous;    // [q] whom the switch under way takes off
	uint64_t busy_ns;           // [q] time charged to threads
	uint64_t armed_ns;          // [h] when the timer fires, if not before
	uint64_t balance_ns;        // [h] when to look at the others' queues
	uint32_t index;             // [I]
} __attribute__((aligned(64)));

extern struct run_queue run_queues[HART_MAX];

// Bit i: hart i has nothing to do and will look at its queue when it is kicked.
extern uint64_t idle_harts; // [a]

static inline struct run_queue *
this_queue(void)
{
	return &run_queues[this_hart()->index];
}

// Lock this hart's queue.
struct run_queue *sched_lock_queue(void);

// Add the running thread's time up to now to its account, and the policy's.
// Returns whether it should give way.  q is locked.
bool sched_charge(struct run_queue *q, uint64_t now);

// Run whom the policy wants, or the idle thread.  q is locked, and is given
// back when the caller runs again, maybe on another hart.  The running thread
// was charged up to now, and its state says why it goes.
void sched_switch_away(struct run_queue *q, uint64_t now);

// Fire this hart's timer at when or earlier.  Interrupts off.
void sched_arm(uint64_t when);

// Choose a hart for t, which becomes ready (balance.c).
struct run_queue *sched_place(const struct thread *t);
struct run_queue *sched_place_new(void);
// Take a thread of another hart's queue into to, whose hart is idle; or, if to
// is behind another by two or more, for balance.  No queue is locked.
bool sched_steal(struct run_queue *to);
void sched_balance(struct run_queue *to, uint64_t now);

// t, whose lock is held, becomes ready.
void sched_make_ready(struct thread *t, enum policy_why why);
// The current thread, whose lock and guard are held, sleeps.  Both are given
// back.  Returns once it was made ready and runs again.
void sched_sleep(struct thread *t, struct spinlock *guard);
// The current thread has done its last.
_Noreturn void sched_exit(struct thread *t);

// Make an idle thread for a hart.  Panics if out of memory.
struct thread *thread_create_idle(unsigned hart);
// Make t, zeroed, a thread that does not run yet.
void thread_init(struct thread *t, const char *name);
// The lock of the list of all threads and the list, for reports.
bool thread_list_trylock(void);
void thread_list_unlock(void);
struct list *thread_list(void);

// Sample the load from now on (load.c); read the boot arguments (point.c).
void load_init(void);
void point_init(void);
