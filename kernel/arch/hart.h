// SPDX-License-Identifier: MIT
/*
 * Harts, and what the machine-dependent part knows of a thread.
 *
 * tp points at the running thread's struct arch_thread, which is the first
 * member of struct thread (sched/thread.h); through it everything else is
 * found.  So "who am I" is a register, right at any moment, while "where am I"
 * (this_hart()) stays right only as long as interrupts are off.
 */
#pragma once

#include "arch/context.h"
#include "arch/csr.h"
#include "arch/fpu.h"
#include "arch/types.h"

struct hart;

/*
 *   I  fixed when the thread is made
 *   o  the thread itself, or the scheduler while the thread does not run
 */
struct arch_thread {
	uint64_t stack_top;     // [I] a trap from user mode starts here
	uint64_t scratch;       // [o] trap entry's own
	struct hart *hart;      // [o] where it runs
	uint32_t intr_depth;    // [o] intr_push() calls without their intr_pop()
	uint32_t intr_were_on;  // [o] interrupts before the outermost intr_push()
	struct context context; // [o] while it does not run
	struct fpu_state fpu;   // [o]
	int32_t id;             // [I] thread id, for reports
	char name[20];          // [o] for reports
};

struct hart {
	uint64_t emergency_sp;       // [I] stack for the report of an overflow
	uint32_t id;                 // [I] the machine's number: mhartid
	uint32_t index;              // [I] ours: 0 .. hart_count() - 1
	struct arch_thread *idle;    // [I] runs when nobody else wants to
	struct arch_thread *current; // [o] who runs here; for other harts' reports
	uint64_t idle_ns;            // [o] time spent in cpu_idle()
	uint32_t calls;              // [a] why other harts interrupted (arch/smp.c)
	uint32_t fences_asked;       // [a] by other harts, so far (arch/tlb.c)
	uint32_t fences_done;        // [a] of these
	uint32_t online;             // [a] takes interrupts
};

// Make t the running thread of the boot hart, before anything else in C: t is
// zeroed but for what the caller has set.  Runs on the boot stack.
void hart_adopt_boot(struct arch_thread *t);

// Find the harts in the device tree; the boot hart has index 0.
void hart_init(void);

// Harts that the machine has, at most HART_MAX.
unsigned hart_count(void);
struct hart *hart_at(unsigned index);

static inline struct arch_thread *
arch_current(void)
{
	struct arch_thread *t;
	asm("mv %0, tp" : "=r"(t));
	return t;
}

// The hart that we are on.  Interrupts off, or the answer may be stale.
static inline struct hart *
this_hart(void)
{
	return ((volatile struct arch_thread *)arch_current())->hart;
}

static inline bool
intr_enabled(void)
{
	return (csr_read(sstatus) & SSTATUS_SIE) != 0;
}

static inline void
intr_on(void)
{
	csr_set(sstatus, SSTATUS_SIE);
}

static inline void
intr_off(void)
{
	csr_clear(sstatus, SSTATUS_SIE);
}

// Interrupts off until the matching intr_pop(); nests.  While off, the thread
// can't be preempted and stays on its hart.
static inline void
intr_push(void)
{
	uint64_t old;
	asm volatile("csrrci %0, sstatus, 2" : "=r"(old)::"memory");
	struct arch_thread *t = arch_current();
	if (t->intr_depth++ == 0)
		t->intr_were_on = (old & SSTATUS_SIE) != 0;
}

static inline void
intr_pop(void)
{
	struct arch_thread *t = arch_current();
	if (--t->intr_depth == 0 && t->intr_were_on)
		intr_on();
}

// Give up this hart's slice while spinning for another hart.  Under icount
// QEMU runs harts one at a time, and one that spins without this can keep the
// others from ever running (a hart in wfi hands over).  Any context.
void cpu_relax(void);

// Sleep until an interrupt is pending.  Interrupts off on entry and exit; the
// caller has checked, with interrupts off, that there is nothing to do, and
// handles what woke it by intr_on().  Sits alone in its page, so that a
// debugger's breakpoint elsewhere can't trap inside it (docs/architecture).
void cpu_idle(void);
