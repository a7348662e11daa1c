// SPDX-License-Identifier: MIT
/*
 * Floating point state of user threads.
 *
 * The unit is off until a thread uses it: the first instruction traps, the
 * unit is switched on and loaded.  At a context switch the registers are
 * saved only if sstatus.FS says that they are dirty (RISC-V Privileged,
 * section 3.1.6.6).  The kernel itself is compiled without the F extension.
 */
#pragma once

#include "arch/types.h"

struct fpu_state {
	uint64_t f[32];
	uint32_t fcsr;
	uint32_t used; // 0: never used; the unit stays off
};

struct arch_thread;
struct trapframe;

// The current thread met an illegal instruction in user mode.  Returns true if
// that was its first floating point instruction: the unit is on now.
bool fpu_enable_on_trap(struct trapframe *tf);

// Bring the current thread's registers into its arch_thread.fpu.
void fpu_save_current(struct trapframe *tf);

// Load the current thread's arch_thread.fpu at its next return to user mode.
void fpu_load_current(struct trapframe *tf);

// Forget the current thread's floating point state (execve).
void fpu_reset_current(struct trapframe *tf);
