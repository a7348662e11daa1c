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

static void
restart(struct uthread *ut, enum restart how)
{
	ut->restart = how;
	__atomic_store_n(&ut->attention, true, __ATOMIC_RELAXED);
}

// Give the program an error, or leave it to the return to user mode.
static void __attribute__((noinline)) fail(struct trapframe *tf, struct uthread *ut, int64_t result)
{
	switch (-result) {
	case EINTR:
		restart(ut, RESTART_FLAGGED);
		return;
	case EINTR_ALWAYS:
		restart(ut, RESTART_ALWAYS);
		return;
	case EINTR_SILENT:
		restart(ut, RESTART_SILENT);
		return;
	case EFRAME:
		return;
	case EFAULT:
		// A page of the program's own could not be had.
		if (ut->out_of_memory)
			result = -ENOMEM;
		ut->out_of_memory = false;
	}
	tf->x[TF_A0] = (uint64_t)result;
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
	if (__builtin_expect(result < 0, false))
		fail(tf, ut, result);
	else
		tf->x[TF_A0] = (uint64_t)result;
}
