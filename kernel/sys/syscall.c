// SPDX-License-Identifier: MIT
/*
 * System calls: from a trap to a handler and back.
 *
 * The number is in a7, arguments in a0 to a5, the result goes to a0 (Linux's
 * convention for RISC-V).  gen/sys/syscall_table.c unpacks the registers.  This
 * is the one place that writes a result; a handler that sets registers itself
 * (rt_sigreturn) says -EFRAME.  A call that a signal ended gets no result here:
 * the return to user mode decides (proc/restart.h, proc/deliver.c).
 */
#include "abi/errno.h"
#include "arch/hart.h"
#include "arch/trap.h"
#include "arch/upcall.h"
#include "lib/kstat.h"
#include "proc/proc.h"
#include "proc/restart.h"
#include "sys/syscall_table.h"
#include "sys/trace.h"

// A negative result: returns whether it is not for the program.
static bool
is_for_return(struct uthread *ut, int64_t *result)
{
	switch (-*result) {
	case EINTR:
		ut->restart = RESTART_FLAGGED;
		return true;
	case EINTR_ALWAYS:
		ut->restart = RESTART_ALWAYS;
		return true;
	case EINTR_SILENT:
		ut->restart = RESTART_SILENT;
		return true;
	case EFRAME:
		return true;
	case EFAULT:
		// A page of the program's own could not be had.
		if (ut->out_of_memory)
			*result = -ENOMEM;
		ut->out_of_memory = false;
		return false;
	default:
		return false;
	}
}

void
upcall_syscall(struct trapframe *tf)
{
	struct uthread *ut = uthread_current();
	const uint64_t *args = &tf->x[TF_A0];
	uint64_t number = tf->x[TF_A7];
	int64_t result;

	kstat_inc(KSTAT_SYSCALLS);
	if (__builtin_expect(__atomic_load_n(&ut->proc->trace, __ATOMIC_RELAXED), false))
		result = trace_call(number, args);
	else if (number < syscall_count && syscall_table[number].call != NULL)
		result = syscall_table[number].call(args);
	else
		result = -ENOSYS;
	if (__builtin_expect(result >= 0, true) || !is_for_return(ut, &result))
		tf->x[TF_A0] = (uint64_t)result;
}
