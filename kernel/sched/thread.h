// SPDX-License-Identifier: MIT
/*
 * Threads: what runs.  What owns is struct proc (proc/proc.h).
 *
 * A thread is new, ready (in a run queue), running, asleep (in at most one wait
 * queue), stopped by its own sleep in proc/, or dead.
 *
 *   1. Only the scheduler changes the state: into and out of ASLEEP and into
 *      DEAD under the thread's lock, between READY and RUNNING under that of
 *      the run queue.
 *   2. A dead thread's memory lives until the last reference is put, its stack
 *      until another thread runs on that hart.
 */
#pragma once

#include "arch/hart.h"
#include "lib/list.h"
#include "lock/rank.h"
#include "lock/spinlock.h"
#include "sched/policy.h"

struct proc;
struct sleeper;
struct space;
struct waitqueue;

enum thread_state {
	THREAD_NEW,
	THREAD_READY,
	THREAD_RUNNING,
	THREAD_ASLEEP,
	THREAD_DEAD,
};

/*
 *   I  fixed when made
 *   a  atomic
 *   o  the thread itself
 *   t  the thread's lock
 *   q  the lock of the run queue of hart `queue`
 *   l  the lock of the list of all threads
 */
struct thread {
	struct arch_thread arch;      // first: tp points here
	struct spinlock lock;         // t
	enum thread_state state;      // [t,q] rule 1
	uint32_t refs;                // [a]
	uint32_t queue;               // [t,q] hart whose queue it is in or ran on last
	bool on_hart;                 // [a] its registers are still in use there
	bool need_resched;            // [a] give way at the next chance
	bool interrupted;             // [t] interruptible sleeps return -EINTR
	bool user;                    // [I] has a process
	uint32_t pinned;              // [o] > 0: stays on its hart
	struct policy_thread policy;  // [q]
	uint64_t picked_ns;           // [q] when it was last charged
	uint64_t run_ns;              // [q] time run in all
	uint64_t switches;            // [q]
	uint64_t ticks;               // [q] timer interrupts while it ran
	struct sleeper *sleeper;      // [t] its sleep, until that is decided
	struct waitqueue *waiting_on; // [t] while asleep
	const char *wait_name;        // [t] what it waits for, for reports
	uint64_t wait_site;           // [t] the call that sleeps
	struct held_locks held;       // [o] sleeping locks
	const void *wants;            // [a] the lock that it waits for
	struct list all;              // [l]
	void (*entry)(void *arg);     // [I]
	void *arg;                    // [I]
	struct proc *proc;            // [I] whose thread, or NULL for the kernel's own
	struct space *space;          // [o] vm/'s: where it runs; NULL: the kernel's own
	void *user_data;              // [o] proc/'s part of a user thread
};

static inline struct thread *
thread_current(void)
{
	return (struct thread *)(void *)arch_current();
}

// A new thread with a kernel stack and two references, the caller's and its
// own; it does not run before thread_start().  It will call entry(arg) with
// interrupts on, and end when that returns.  proc may be NULL.  0 or -ENOMEM.
// A thread of the kernel gets a negative number of its own in arch.id, a
// process's gets 0 and proc/ numbers it.  One that shall never start is freed
// by two thread_put().
int thread_create(const char *name, struct proc *proc, void (*entry)(void *), void *arg,
		  struct thread **out);

// Make t ready for the first time.
void thread_start(struct thread *t);

// End the current thread.
_Noreturn void thread_exit(void);

// Any context; frees stack and thread at the last reference.
void thread_get(struct thread *t);
void thread_put(struct thread *t);

// Call fn for every thread, with the list's lock held.
void thread_for_each(void (*fn)(void *arg, struct thread *t), void *arg);

// Threads that exist.
unsigned thread_count(void);

const char *thread_state_name(enum thread_state state);
