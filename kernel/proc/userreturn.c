// SPDX-License-Identifier: MIT
/*
 * The door from the kernel to user mode (arch/upcall.h).
 *
 * Every trap from user mode and every new thread passes here last.  Almost
 * always there is nothing to do, and that is a few instructions.
 */
#include "arch/hart.h"
#include "arch/upcall.h"
#include "proc/proc_impl.h"
#include "sched/thread.h"
#include "sync/ranked.h"

static bool
has_signals(const struct uthread *ut)
{
	return __atomic_load_n(&ut->attention, __ATOMIC_RELAXED) || ut->restart != RESTART_NONE;
}

static bool
has_work(const struct thread *t, const struct uthread *ut)
{
	return has_signals(ut) || __atomic_load_n(&t->need_resched, __ATOMIC_RELAXED);
}

void
upcall_user_return(struct trapframe *tf)
{
	struct thread *t = thread_current();
	struct uthread *ut = t->user_data;

	if (t->held.count != 0)
		ranked_assert_none("return to user mode");
	while (__builtin_expect(has_work(t, ut), false)) {
		upcall_kernel_preempt();
		if (!has_signals(ut))
			continue;
		intr_on();
		signal_deliver(tf);
		intr_off();
	}
}
