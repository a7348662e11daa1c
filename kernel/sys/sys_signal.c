// SPDX-License-Identifier: MIT
/*
 * System calls on signals.
 */
#include "abi/errno.h"
#include "arch/trap.h"
#include "proc/proc.h"
#include "proc/restart.h"
#include "sched/thread.h"
#include "sys/syscall_table.h"
#include "vm/usercopy.h"

int64_t
sys_kill(int pid, int signal)
{
	return signal_kill(pid, signal);
}

int64_t
sys_tkill(int thread, int signal)
{
	return signal_kill_thread(-1, thread, signal);
}

int64_t
sys_tgkill(int process, int thread, int signal)
{
	return process > 0 ? signal_kill_thread(process, thread, signal) : -EINVAL;
}

int64_t
sys_rt_sigaction(int signal, uaddr_t action, uaddr_t old, uint64_t size)
{
	struct sigaction given, was;
	struct signal_action new, before;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (action != 0) {
		if (copy_in(&given, action, sizeof given) != 0)
			return -EFAULT;
		new = (struct signal_action){
			.handler = (uaddr_t)given.sa_handler,
			.flags = given.sa_flags,
			.mask = given.sa_mask,
		};
	}
	int error = signal_set_action(signal, action != 0 ? &new : NULL, &before);
	if (error != 0 || old == 0)
		return error;
	was = (struct sigaction){
		.sa_handler = (void (*)(int))before.handler,
		.sa_flags = before.flags,
		.sa_mask = before.mask,
	};
	return copy_out(old, &was, sizeof was);
}

static int
change_blocked(int how, sigset_t set)
{
	sigset_t blocked = uthread_current()->blocked;

	switch (how) {
	case SIG_BLOCK:
		signal_set_blocked(blocked | set);
		return 0;
	case SIG_UNBLOCK:
		signal_set_blocked(blocked & ~set);
		return 0;
	case SIG_SETMASK:
		signal_set_blocked(set);
		return 0;
	default:
		return -EINVAL;
	}
}

int64_t
sys_rt_sigprocmask(int how, uaddr_t set, uaddr_t old, uint64_t size)
{
	sigset_t before = uthread_current()->blocked;
	sigset_t given;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (set != 0) {
		if (copy_in(&given, set, sizeof given) != 0)
			return -EFAULT;
		int error = change_blocked(how, given);
		if (error != 0)
			return error;
	}
	return old != 0 ? copy_out(old, &before, sizeof before) : 0;
}

int64_t
sys_rt_sigpending(uaddr_t set, uint64_t size)
{
	sigset_t pending = signal_pending_blocked();

	if (size > sizeof pending)
		return -EINVAL;
	return copy_out(set, &pending, size);
}

int64_t
sys_rt_sigsuspend(uaddr_t mask, uint64_t size)
{
	struct uthread *ut = uthread_current();
	sigset_t set;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (copy_in(&set, mask, sizeof set) != 0)
		return -EFAULT;
	ut->saved_blocked = ut->blocked;
	ut->blocked_saved = true;
	signal_set_blocked(set);
	(void)sleep_until(DEADLINE_NONE, SLEEP_INTERRUPTIBLE);
	return -EINTR_SILENT;
}

int64_t
sys_rt_sigreturn(void)
{
	signal_return(trapframe_of(&thread_current()->arch));
	return -EFRAME;
}
