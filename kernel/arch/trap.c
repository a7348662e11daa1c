// SPDX-License-Identifier: MIT
/*
 * Traps: what each one is, and who serves it.
 *
 * From user mode, exceptions are served with interrupts on: the kernel is then
 * an ordinary thread on its own stack.  From the kernel, interrupts stay off,
 * but for a page fault inside a user copy, which may sleep.  Everything above
 * is reached through arch/upcall.h.
 */
#include "arch/trap.h"

#include "arch/arch_impl.h"
#include "arch/irq.h"
#include "arch/layout.h"
#include "arch/offsets.h"
#include "arch/uaccess.h"
#include "arch/upcall.h"

_Static_assert(sizeof(struct trapframe) == TRAPFRAME_SIZE, "trap_entry.S");
_Static_assert(sizeof(struct trapframe) % 16 == 0, "the stack pointer's alignment");
_Static_assert(offsetof(struct trapframe, epc) == TRAPFRAME_EPC, "trap_entry.S");
_Static_assert(offsetof(struct trapframe, x) == TRAPFRAME_X(1), "trap_entry.S");
_Static_assert(offsetof(struct trapframe, status) == TRAPFRAME_STATUS, "trap_entry.S");
_Static_assert(offsetof(struct trapframe, cause) == TRAPFRAME_CAUSE, "trap_entry.S");
_Static_assert(offsetof(struct trapframe, tval) == TRAPFRAME_TVAL, "trap_entry.S");

// The length of ecall; there is no compressed form.
#define ECALL_BYTES 4

struct trapframe *
trapframe_of(const struct arch_thread *t)
{
	return (struct trapframe *)(t->stack_top - sizeof(struct trapframe));
}

bool
trapframe_from_user(const struct trapframe *tf)
{
	return (tf->status & SSTATUS_SPP) == 0;
}

const char *
trap_cause_name(uint64_t cause)
{
	static const char *const names[] = {
		[CAUSE_FETCH_MISALIGNED] = "misaligned fetch",
		[CAUSE_FETCH_ACCESS] = "fetch access fault",
		[CAUSE_ILLEGAL] = "illegal instruction",
		[CAUSE_BREAKPOINT] = "breakpoint",
		[CAUSE_LOAD_MISALIGNED] = "misaligned load",
		[CAUSE_LOAD_ACCESS] = "load access fault",
		[CAUSE_STORE_MISALIGNED] = "misaligned store",
		[CAUSE_STORE_ACCESS] = "store access fault",
		[CAUSE_ECALL_USER] = "system call",
		[CAUSE_FETCH_PAGE] = "fetch page fault",
		[CAUSE_LOAD_PAGE] = "load page fault",
		[CAUSE_STORE_PAGE] = "store page fault",
	};
	if (cause & CAUSE_INTERRUPT)
		return "interrupt";
	if (cause < sizeof names / sizeof names[0] && names[cause] != NULL)
		return names[cause];
	return "unknown exception";
}

void
trap_init_hart(void)
{
	csr_write(sscratch, 0);
	csr_write(stvec, (uint64_t)trap_entry);
	csr_write(scounteren, SCOUNTEREN_CY | SCOUNTEREN_TM | SCOUNTEREN_IR);
	csr_clear(sstatus, SSTATUS_SUM | SSTATUS_FS);
	csr_set(sie, SIE_SSI | SIE_STI | SIE_SEI);
}

static void
serve_interrupt(struct trapframe *tf)
{
	switch (tf->cause) {
	case CAUSE_IRQ_TIMER:
		upcall_timer();
		break;
	case CAUSE_IRQ_SOFT:
		smp_serve_calls(tf);
		break;
	case CAUSE_IRQ_EXT:
		irq_dispatch();
		break;
	default:
		upcall_fatal(tf, "an interrupt that was never enabled");
	}
}

static bool
is_page_fault(uint64_t cause, enum fault_access *access)
{
	switch (cause) {
	case CAUSE_FETCH_PAGE:
		*access = FAULT_EXEC;
		return true;
	case CAUSE_LOAD_PAGE:
		*access = FAULT_READ;
		return true;
	case CAUSE_STORE_PAGE:
		*access = FAULT_WRITE;
		return true;
	default:
		return false;
	}
}

void
trap_from_user(struct trapframe *tf)
{
	enum fault_access access;

	if (tf->cause & CAUSE_INTERRUPT) {
		serve_interrupt(tf);
	} else if (tf->cause == CAUSE_ECALL_USER) {
		tf->epc += ECALL_BYTES;
		intr_on();
		upcall_syscall(tf);
		intr_off();
	} else if (is_page_fault(tf->cause, &access)) {
		intr_on();
		upcall_page_fault(tf, tf->tval, access);
		intr_off();
	} else if (tf->cause != CAUSE_ILLEGAL || !fpu_enable_on_trap()) {
		intr_on();
		upcall_user_exception(tf);
		intr_off();
	}
	upcall_user_return(tf);
}

// A page fault inside a user copy is the program's, and is served like one of
// its own, if the kernel could sleep there.  Else, or if it can't be served,
// the copy ends short.
static bool
serve_user_copy(struct trapframe *tf)
{
	enum fault_access access;
	uint64_t fixup = uaccess_fixup(tf->epc);

	if (fixup == 0)
		return false;
	if (is_page_fault(tf->cause, &access) && tf->tval < USER_TOP &&
	    (tf->status & SSTATUS_SPIE)) {
		intr_on();
		bool again = upcall_page_fault(tf, tf->tval, access);
		intr_off();
		if (again)
			return true;
	}
	tf->epc = fixup;
	return true;
}

void
trap_from_kernel(struct trapframe *tf)
{
	if (tf->cause & CAUSE_INTERRUPT) {
		serve_interrupt(tf);
		if (tf->status & SSTATUS_SPIE)
			upcall_kernel_preempt();
		return;
	}
	if (!serve_user_copy(tf))
		upcall_fatal(tf, trap_cause_name(tf->cause));
}

void
trap_stack_overflow(struct trapframe *tf)
{
	upcall_fatal(tf, "kernel stack overflow");
}

void
trap_return_to_user(void)
{
	struct trapframe *tf = trapframe_of(arch_current());

	upcall_user_return(tf);
	trap_resume_user(tf);
}
