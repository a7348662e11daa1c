// SPDX-License-Identifier: MIT
/*
 * Timers: the kernel's door to the timing wheels (sched/timeout.h), one wheel
 * a hart, advanced by that hart's timer interrupt.
 */
#pragma once

#include "sched/timeout.h"

void timer_setup(struct timeout *t, void (*fn)(void *arg), void *arg);

// Call t's function at or soon after when (ns since boot), on this hart, with
// interrupts off.  A pending t is moved.  Any context.
void timer_set(struct timeout *t, uint64_t when);

// Make t idle.  Returns 1 if it was pending: its function will not run.
// Returns 0 if it was idle or its function has begun; timer_cancel_wait() also
// waits until that has ended (not from inside the function itself).
int timer_cancel(struct timeout *t);
int timer_cancel_wait(struct timeout *t);

// Boot hart, once.  Then, by the scheduler: serve what is due on this hart,
// and the time of this hart's next one.
void timer_init(void);
void timer_run(void);
uint64_t timer_next(void);
