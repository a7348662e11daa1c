// SPDX-License-Identifier: MIT
/*
 * The closed list of calls that go up.
 *
 * A trap starts at the bottom, in arch/, and must reach what lies above; and a
 * report of trouble, in lib/ or lock/, wants to name threads.  These functions
 * are declared here and defined above, and no other call may go up
 * (tools/layers.py checks).  The folder that defines each is in brackets.
 */
#pragma once

#include "arch/types.h"

struct trapframe;
struct arch_thread;

enum fault_access {
	FAULT_READ,
	FAULT_WRITE,
	FAULT_EXEC,
};

// The kernel itself is at fault: report the frame and end (panic_frame()).
// Any context.  [lib]
_Noreturn void upcall_fatal(const struct trapframe *tf, const char *what);

// A system call from user mode.  Interrupts on.  [sys]
void upcall_syscall(struct trapframe *tf);

// An exception other than a page fault in user mode.  Interrupts on.  [proc]
void upcall_user_exception(struct trapframe *tf);

// A page fault at a user address, in user mode or inside a user copy.  Returns
// true if the instruction can be tried again.  In user mode a fault that can't
// be served becomes a signal, and true is returned.  May sleep; interrupts on.
// [proc]
bool upcall_page_fault(struct trapframe *tf, uaddr_t address, enum fault_access access);

// Last thing before going back to user mode: signals, preemption.  Interrupts
// are off on entry and exit; may sleep in between.  [proc]
void upcall_user_return(struct trapframe *tf);

// The timer of this hart has fired.  Interrupts off.  [sched]
void upcall_timer(void);

// Another hart called smp_kick().  Interrupts off.  [sched]
void upcall_ipi(void);

// An interrupt in the kernel has been served and the interrupted code had
// interrupts on: preempt it if its time is over.  Interrupts off.  [sched]
void upcall_kernel_preempt(void);

// Print one line for each thread (id, name, state, what it waits for) and the
// stack of those that don't run.  For reports of trouble: takes no lock that
// could be held, must survive any state.  Any context.  [sched]
void upcall_report_threads(void);
