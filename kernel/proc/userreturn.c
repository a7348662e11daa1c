// SPDX-License-Identifier: MIT
/*
 * The door from the kernel to user mode (arch/upcall.h).
 *
 * Every trap from user mode and every new thread passes here last.  Almost
 * always there is nothing to do, and that is a few instructions.
 */
#include "arch/hart.h"
#include "arch/trap.h"
#include "arch/upcall.h"
#include "proc/proc_impl.h"
#include "sched/thread.h"
#include "sync/ranked.h"

// Where there is something to do, or there was an interrupt.
static void __attribute__((noinline))
return_slowly(struct trapframe *tf, struct thread *t, struct uthread *ut)
{
	if (tf->cause == CAUSE_IRQ_TIMER)
		ut->user_ticks++;
	ranked_assert_none("return to user mode");
	for (;;) {
		if (__atomic_load_n(&t->need_resched, __ATOMIC_RELAXED))
			upcall_kernel_preempt();
		if (!__atomic_load_n(&ut->attention, __ATOMIC_RELAXED))
			return;
		intr_on();
		signal_deliver(tf);
		intr_off();
	}
}

void
upcall_user_return(struct trapframe *tf)
{
	struct thread *t = thread_current();
	struct uthread *ut = t->user_data;

	uint64_t work = t->held.count | __atomic_load_n(&t->need_resched, __ATOMIC_RELAXED) |
			__atomic_load_n(&ut->attention, __ATOMIC_RELAXED) |
			(tf->cause & CAUSE_INTERRUPT);
	if (__builtin_expect(work != 0, false))
		return_slowly(tf, t, ut);
}
