// SPDX-License-Identifier: MIT
/*
 * Instruction fetch after stores to code (RISC-V Unprivileged, chapter 3,
 * "Zifencei"): a hart's fetches see stores only after its own fence.i.
 *
 * Who writes code calls icache_written() after it, before the code can run; a
 * hart that switches to another program's thread catches up with what others
 * have written since (the idea is Linux's, deferred flushing).
 */
#pragma once

#include "arch/types.h"

// The current thread has written code: its fetches see it from now on, on any
// hart that it or another thread is switched to.  Any context.
void icache_written(void);

// This hart switches to a user thread.  Interrupts off.
void icache_follow(void);
