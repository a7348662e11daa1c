// SPDX-License-Identifier: MIT
/*
 * The scheduler: run queues, one a hart, and the switch between threads.
 *
 * Each hart picks from its own queue by the policy (sched/policy.h), steals
 * from another's if it has none, and sleeps in wfi if nobody has.  A thread
 * that becomes ready goes to the queue of the hart it ran on last, or to an
 * idle hart's, which is kicked.
 */
#pragma once

#include "arch/types.h"

struct thread;

// Make the caller of main() the boot hart's first thread and its idle thread
// (it becomes that when sched_idle() is called).  Before anything that locks.
void sched_init_early(void);
// Make idle threads for the other harts.  Boot hart, once.
void sched_init(void);
// Start the other harts; returns when all that start are online.
void sched_start_harts(void);
// The end of a hart's boot: from here on its idle thread.
_Noreturn void sched_idle(void);

// Give way if somebody else is ready.
void sched_yield(void);

// Give way if the current thread shall (need_resched): on the way back to user
// mode.  Interrupts on or off, no spinlock held.
void sched_preempt(void);

// A point at which a perturbed schedule may switch threads: in wrappers of
// locks, waits and page table changes (boot argument schedseed=; docs/testing).
void sched_point(void);

// If t runs, on another hart, interrupt it there: on its way back to user mode
// it will look at what the caller has changed before.  Any context.
void sched_kick(struct thread *t);

// Change a thread's priority (0 most .. 39 least).
void sched_set_priority(struct thread *t, unsigned priority);
unsigned sched_priority(struct thread *t);

// The current thread's first act of life: gives back the run queue's lock that
// the switch took.  Called by the start of every thread only.
void sched_finish_switch(void);

// Time all harts spent running threads that are not idle, and idle, in ns.
void sched_times(uint64_t *busy_ns, uint64_t *idle_ns);
// Ready and running threads now; load averages in 1/65536 over 1, 5, 15 min.
unsigned sched_runnable(void);
void sched_load(uint64_t load[3]);

// The hook that makes page table and per-process registers follow a switch;
// vm/ sets it at boot.  Called with interrupts off on the new thread's hart, and
// with that hart's queue locked, just before the switch.
void sched_set_switch_hook(void (*hook)(struct thread *from, struct thread *to));
