// SPDX-License-Identifier: MIT
/*
 * Exceptions of programs: page faults, and what else an instruction may cause.
 * Those that can't be served become signals (Linux's codes for riscv64,
 * arch/riscv/kernel/traps.c and mm/fault.c).
 */
#include "abi/errno.h"
#include "abi/wait.h"
#include "arch/csr.h"
#include "arch/hart.h"
#include "arch/trap.h"
#include "arch/upcall.h"
#include "lib/print.h"
#include "proc/proc_impl.h"
#include "sched/thread.h"
#include "vm/space.h"

// A signal that an exception becomes.
struct exception_signal {
	int signal;
	int code;
	bool at_tval; // si_addr is the address that was used, else the instruction's
};

static struct exception_signal
signal_of(uint64_t cause)
{
	switch (cause) {
	case CAUSE_FETCH_MISALIGNED:
	case CAUSE_LOAD_MISALIGNED:
	case CAUSE_STORE_MISALIGNED:
		return (struct exception_signal){ SIGBUS, BUS_ADRALN, true };
	case CAUSE_FETCH_ACCESS:
	case CAUSE_LOAD_ACCESS:
	case CAUSE_STORE_ACCESS:
		return (struct exception_signal){ SIGSEGV, SEGV_ACCERR, true };
	case CAUSE_BREAKPOINT:
		return (struct exception_signal){ SIGTRAP, TRAP_BRKPT, false };
	default:
		return (struct exception_signal){ SIGILL, ILL_ILLOPC, false };
	}
}

void
upcall_user_exception(struct trapframe *tf)
{
	struct exception_signal s = signal_of(tf->cause);

	signal_fault(s.signal, s.code, s.at_tval ? tf->tval : tf->epc);
}

static void
end_for_memory(void)
{
	struct uthread *ut = uthread_current();
	struct proc *p = ut->proc;

	print_limited(PRINT_WARNING, "%s[%d]: out of memory, ended", ut->thread->arch.name, p->id);
	spin_lock(&p->lock);
	signal_group_exit(p, W_EXITCODE(0, SIGKILL));
	spin_unlock(&p->lock);
}

bool
upcall_page_fault(struct trapframe *tf, uaddr_t address, enum fault_access access)
{
	struct uthread *ut = uthread_current();
	struct space *s = space_current();
	bool mapped = false;

	if (s == NULL)
		return false; // no process
	int error = space_fault(s, address, access, &mapped);
	ut->faults++;
	ut->out_of_memory = error == -ENOMEM;
	if (error == 0)
		return true;
	if (!trapframe_from_user(tf))
		return false; // the copy ends short
	if (error == -ENOMEM)
		end_for_memory();
	else if (error == -EFAULT)
		signal_fault(SIGSEGV, mapped ? SEGV_ACCERR : SEGV_MAPERR, address);
	else
		signal_fault(SIGBUS, BUS_ADRERR, address);
	return true;
}

void
fault_report(int sig, const struct signal_info *info)
{
	struct uthread *ut = uthread_current();
	const struct trapframe *tf = trapframe_of(&ut->thread->arch);
	const char *what = sig == SIGTRAP ? "breakpoint" : trap_cause_name(tf->cause);

	print_limited(PRINT_INFO, "%s[%d]: %s at address %#lx, pc %#lx, sp %#lx: signal %d",
		      ut->thread->arch.name, ut->proc->id, what, info->address, tf->epc,
		      tf->x[TF_SP], sig);
}
