// SPDX-License-Identifier: MIT
/*
 * Stacks as text.
 *
 * Code is built with frame pointers: s0 points past the frame, the return
 * address lies at s0 - 8 and the caller's s0 at s0 - 16 (RISC-V psABI, "Frame
 * Pointer Convention").  The walk stays inside one kernel stack and goes on
 * through trap frames.
 */
#pragma once

#include "arch/types.h"

struct trapframe;
struct arch_thread;

// Print the stack of the caller, of a frame, of a thread that does not run.
// Any context; survives a broken chain.
void backtrace_print(void);
void backtrace_print_frame(const struct trapframe *tf);
void backtrace_print_thread(const struct arch_thread *t);

// Print the stack from the caller of a function on, given that function's
// __builtin_frame_address(0).
void backtrace_print_caller(const void *frame);

// Store up to max return addresses, innermost first and beginning in the
// caller; returns how many.
unsigned backtrace_capture(uint64_t *pc, unsigned max);

// "function+0x12 file.c:34" into to; plain hexadecimal where there is no symbol.
// pc is a return address: the line is that of the call before it.
void backtrace_format(char *to, size_t size, uint64_t pc);
