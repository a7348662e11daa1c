// SPDX-License-Identifier: MIT
/*
 * What a switch of threads saves: the registers that a called function must
 * keep (RISC-V ELF psABI, "Integer Register Convention").
 */
#pragma once

#include "arch/types.h"

struct context {
	uint64_t ra;
	uint64_t sp;
	uint64_t s[12];
};

struct arch_thread;

// Save the running thread's registers in from and go on as to.  Returns, on
// the hart that switches back, in from.  Interrupts off.  tp, the per-hart
// pointer and the floating point unit go along; the page table doesn't.
void context_switch(struct arch_thread *from, struct arch_thread *to);

// Prepare t so that the first switch to it calls entry(arg) on the stack that
// ends at stack_top, interrupts off.  entry must not return.
void context_init(struct arch_thread *t, uint64_t stack_top, void (*entry)(void *), void *arg);
