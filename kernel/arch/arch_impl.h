// SPDX-License-Identifier: MIT
/*
 * What the files of arch/ share.
 */
#pragma once

#include "arch/hart.h"
#include "arch/trap.h"

#define IMAGE_OFFSET UINT64_C(0xffffffff00000000)

extern uint64_t boot_hart_id;
extern uint64_t boot_fdt;
extern uint64_t smp_start_satp;
extern char boot_stack_top[];
extern struct hart harts[HART_MAX];

// entry.S, switch.S, idle.S, fpu_regs.S, trap_entry.S
void hart_start_entry(void);
void context_swap(struct context *from, struct context *to, struct arch_thread *next);
void context_start(void);
void cpu_wait(void);

void fpu_store_registers(struct fpu_state *to);
void fpu_load_registers(const struct fpu_state *from);
void trap_entry(void);
_Noreturn void trap_resume_user(struct trapframe *tf);

// One instruction of uaccess_copy.S and where it goes on after a fault.
struct fixup {
	uint64_t pc;
	uint64_t next;
};
extern const struct fixup fixup_start[], fixup_end[]; // kernel.ld

// Called by assembly.
_Noreturn void hart_started(void);
void trap_from_user(struct trapframe *tf);
void trap_from_kernel(struct trapframe *tf);
_Noreturn void trap_stack_overflow(struct trapframe *tf);

// Save from's floating point registers if they changed and load to's.
void fpu_switch(struct arch_thread *from, struct arch_thread *to);

// hart.calls
#define CALL_KICK  UINT32_C(1)
#define CALL_STOP  UINT32_C(2)
#define CALL_FENCE UINT32_C(4)

// Interrupt another hart, which finds why in its calls.  Any context.
void smp_call(struct hart *h, uint32_t why);
// Serve calls from other harts.  Interrupts off.
void smp_serve_calls(const struct trapframe *tf);
// Those that can't wait until interrupts are on: stop here for ever if another
// hart panics, and make the fences that others wait for.
void smp_serve_urgent_calls(void);
// Whether a hart stopped because another one panics.
bool smp_stopped(unsigned index);
// Make the fences that other harts have asked of this one.
void tlb_serve(void);

// Whether two strings are the same; arch/ lies below lib/.
bool fdt_same(const char *a, const char *b);
