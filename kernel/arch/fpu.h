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

// All work on the current thread.

// It met an illegal instruction in user mode.  Returns true if that may have
// been its first floating point instruction: the unit is on now, try again.
bool fpu_enable_on_trap(void);

// Bring its registers into arch_thread.fpu (fork, a signal's frame).
void fpu_save_current(void);

// arch_thread.fpu was changed: load it (the return from a signal).
void fpu_load_current(void);

// Forget its state: the unit is off (execve).
void fpu_reset_current(void);
