// SPDX-License-Identifier: MIT
/*
 * Trap frames: the registers of whatever a trap interrupted.
 *
 * A trap changes the stack, never the page table.  From user mode the frame
 * lies at the very end of the thread's kernel stack (trapframe_of()); from the
 * kernel below whatever was there.  arch/trap_entry.S knows the offsets; assertions
 * in trap.c tie them to this struct.
 */
#pragma once

#include "arch/types.h"

struct trapframe {
	uint64_t epc;    // where it goes on
	uint64_t x[31];  // x1 .. x31: x[i - 1] is register i
	uint64_t status; // sstatus
	uint64_t cause;  // scause
	uint64_t tval;   // stval
	uint64_t pad;    // the stack pointer stays 16-byte aligned
};

// Indices into x[] by the names of the psABI.
enum {
	TF_RA = 0,
	TF_SP = 1,
	TF_GP = 2,
	TF_TP = 3,
	TF_S0 = 7,
	TF_A0 = 9,
	TF_A1 = 10,
	TF_A2 = 11,
	TF_A7 = 16,
};

struct arch_thread;

// The frame of t's last trap from user mode.
struct trapframe *trapframe_of(const struct arch_thread *t);

// Point this hart's trap vector at arch/trap_entry.S.
void trap_init_hart(void);

// Leave for user mode with the registers in the current thread's frame.
// Interrupts off.  Does not return.
_Noreturn void trap_return_to_user(void);

// A name for scause, such as "load page fault".
const char *trap_cause_name(uint64_t cause);

bool trapframe_from_user(const struct trapframe *tf);
