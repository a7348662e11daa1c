// SPDX-License-Identifier: MIT
/*
 * threads.c: many threads on as many harts as they like, from a seed.
 *
 * Instead of lock.c, sleep.c and sync.c: lock/spinlock.h, sched/sleep.h,
 * sched/thread.h (create, start, interrupt), sched_point(), sync/ranked.h; the
 * kernel's own sync/ (sleeplock, mutex, condition, tlock) is linked on top.  Needs time.c.
 *
 * Threads are coroutines.  At each spinlock, sleep and sched_point() the seed says
 * who goes on, so a schedule repeats exactly.  The clock moves on a little with
 * each of these points, and, when everybody sleeps, to the next deadline or event.
 * If there is none, the test fails and says who waits for what.
 *
 * Checked always: rank order of spinlocks and of sleeping locks, pairing, no sleep
 * with a spinlock held.
 */
#pragma once

#include "check.h"

// The caller becomes the first thread.  Before anything else.
void fake_threads_begin(uint64_t seed);

// Start a thread that fake_threads_join() waits for.
void fake_thread_run(const char *name, void (*fn)(void *arg), void *arg);

// Let the others run until those of fake_thread_run() have ended.
void fake_threads_join(void);

// Let the others run for some time.
void fake_threads_wait(uint64_t ns);

// A number below n, from the seed.
uint64_t fake_random(uint64_t n);

// Call fn(arg) as an interrupt in ns from now.  At most 4096 at a time.
void fake_event(uint64_t ns, void (*fn)(void *arg), void *arg);

// A point at which another thread may go on.
void fake_point(void);

// For each seed from 1 to count, in a process of its own: fake_threads_begin() and
// fn().  A failure says the seed.
void fake_for_seeds(unsigned count, void (*fn)(void));

// For a unit that links sched/sleep.c, which then stands for what is here: the
// current thread goes on only after fake_thread_ready().
void fake_thread_stop(void);
struct thread;
void fake_thread_ready(struct thread *t);
