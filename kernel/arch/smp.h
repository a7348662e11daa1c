// SPDX-License-Identifier: MIT
/*
 * Harts that call each other (RISC-V SBI 1.0: HSM chapter 9, IPI chapter 7).
 */
#pragma once

#include "arch/types.h"

struct arch_thread;

// Start hart index as thread idle, in entry(), on idle's own stack.  Returns 0
// or -EIO: it goes on being off.
int smp_start_hart(unsigned index, struct arch_thread *idle, void (*entry)(void));

// Make hart index look at its run queue (upcall_ipi()).  Any context.
void smp_kick(unsigned index);

// Stop all other harts where they are, for a panic; they save their registers
// for smp_stopped_frame() and never come back.  Bounded in time.  Any context.
void smp_stop_others(void);

struct trapframe;
// The registers of a hart that smp_stop_others() stopped, or NULL.
const struct trapframe *smp_stopped_frame(unsigned index);
// Of one that was stopped while it spun with interrupts off, in place of that:
// the frame of the function that stopped it (lib/backtrace.h), or NULL.
const void *smp_stopped_spinning(unsigned index);
