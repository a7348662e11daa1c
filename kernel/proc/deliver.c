// SPDX-License-Identifier: MIT
/*
 * Taking signals, on the way back to user mode.
 *
 * A thread that has been told (`attention`) takes one signal after the other
 * until none is left that it doesn't block.  For each: ignore it, stop, end the
 * process, or push a frame for its handler.  Several handlers may be stacked;
 * the one pushed last runs first.
 *
 * A system call that a signal ended (uthread->restart) is settled here:
 *   1. A handler is about to run: by the kind of restart and SA_RESTART the
 *      call either fails with -EINTR or is tried again after the handler.
 *   2. No handler runs: it is tried again; the program notices nothing.
 *   3. A sleep with a relative time that is tried again keeps its first
 *      deadline (uthread->restart_deadline).  If a handler comes between the
 *      decision and the new try, the try is called off with -EINTR.
 * A try again moves the program counter back to the ecall; a0 still has the
 * first argument, because no result was written.
 */
#include "abi/errno.h"
#include "abi/wait.h"
#include "arch/hart.h"
#include "arch/trap.h"
#include "lib/bitmap.h"
#include "lib/kstat.h"
#include "lib/print.h"
#include "proc/job.h"
#include "proc/proc_impl.h"
#include "proc/signal_impl.h"
#include "sched/thread.h"

#define ECALL_BYTES 4

// Signals that an instruction of the thread itself causes.
#define FAULT_SIGNALS                                                                          \
	(signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) | signal_bit(SIGTRAP) | \
	 signal_bit(SIGFPE) | signal_bit(SIGSYS))

static void
try_again(struct trapframe *tf)
{
	tf->epc -= ECALL_BYTES;
}

static void
fail_interrupted(struct trapframe *tf)
{
	tf->x[TF_A0] = (uint64_t)-EINTR;
}

// Settle the system call before a handler runs.
static void
settle_for_handler(struct trapframe *tf, struct uthread *ut, const struct signal_action *action)
{
	switch (ut->restart) {
	case RESTART_FLAGGED:
		if (action->flags & SA_RESTART)
			try_again(tf);
		else
			fail_interrupted(tf);
		break;
	case RESTART_ALWAYS:
		try_again(tf);
		break;
	case RESTART_SILENT:
		fail_interrupted(tf);
		break;
	case RESTART_NONE:
		if (ut->restart_deadline != 0) {
			tf->epc += ECALL_BYTES;
			fail_interrupted(tf);
		}
		break;
	}
	ut->restart = RESTART_NONE;
	ut->restart_deadline = 0;
}

// The lowest signal of the first set that has any.  The process's lock is held.
static int
choose(struct uthread *ut, struct signal_queue **from)
{
	sigset_t mine = ut->pending.set & ~ut->blocked;
	sigset_t ours = ut->proc->pending.set & ~ut->blocked;
	sigset_t set = mine & FAULT_SIGNALS ? mine & FAULT_SIGNALS : mine ? mine : ours;

	if (set == 0)
		return 0;
	*from = mine ? &ut->pending : &ut->proc->pending;
	return (int)bitmap_find_set(&set, SIGNAL_COUNT, 0) + 1;
}

// Whether the default action of a stop signal has no effect: nobody could
// continue the process.  Takes the tree lock.
static bool
stop_is_pointless(struct proc *p, int sig)
{
	if (sig == SIGSTOP)
		return false;
	spin_lock(&proc_tree_lock);
	bool orphaned = job_group_is_orphaned(p->group);
	spin_unlock(&proc_tree_lock);
	return orphaned;
}

// The default action of sig, if it is not to end the process.  The process's
// lock is given back meanwhile.
static void
act_by_default(struct proc *p, int sig)
{
	if (signal_default_action(sig) != DEFAULT_STOP)
		return;
	p->stop_taken = true;
	spin_unlock(&p->lock);
	bool pointless = stop_is_pointless(p, sig);
	spin_lock(&p->lock);
	if (!pointless)
		stop_begin(p, sig); // unless a SIGCONT came meanwhile
}

static bool
has_no_effect(struct proc *p, int sig, const struct signal_info *info)
{
	return signal_is_ignored(p, sig) && !info->forced;
}

/*
 * Take the next signal that has a handler: returns it, with what is known of it
 * and its action.  0: nothing is left.  Ends the thread or the process, or
 * stops, on the way.
 */
static int
take(struct uthread *ut, struct signal_info *info, struct signal_action *action)
{
	struct proc *p = ut->proc;
	struct signal_queue *from;

	spin_lock(&p->lock);
	for (;;) {
		if (signal_must_end(ut)) {
			spin_unlock(&p->lock);
			uthread_exit();
		}
		if (p->stopping) {
			spin_unlock(&p->lock);
			stop_here(ut);
			spin_lock(&p->lock);
			continue;
		}
		int sig = choose(ut, &from);
		if (sig == 0) {
			__atomic_store_n(&ut->attention, false, __ATOMIC_RELAXED);
			thread_uninterrupt(ut->thread);
			spin_unlock(&p->lock);
			return 0;
		}
		signal_queue_take(from, sig, info);
		*action = p->action[sig - 1];
		if (has_no_effect(p, sig, info))
			continue;
		if (action->handler != SIGNAL_DEFAULT) {
			if (action->flags & SA_RESETHAND)
				p->action[sig - 1].handler = SIGNAL_DEFAULT;
			spin_unlock(&p->lock);
			return sig;
		}
		if (signal_default_action(sig) != DEFAULT_END) {
			act_by_default(p, sig);
			continue;
		}
		spin_unlock(&p->lock);
		if (info->forced)
			fault_report(sig, info);
		proc_exit_group(W_EXITCODE(0, sig));
	}
}

// Let the handler of sig run next.
static void
enter_handler(struct trapframe *tf, struct uthread *ut, int sig, const struct signal_info *info,
	      const struct signal_action *action)
{
	sigset_t restore = ut->blocked_saved ? ut->saved_blocked : ut->blocked;

	settle_for_handler(tf, ut, action);
	ut->blocked_saved = false;
	if (sigframe_push(tf, sig, info, action, restore) != 0) {
		print_limited(PRINT_INFO, "%s[%d]: no room for a signal's frame at %#lx",
			      ut->thread->arch.name, ut->proc->id, tf->x[TF_SP]);
		proc_exit_group(W_EXITCODE(0, SIGSEGV));
	}
	sigset_t mask = ut->blocked | action->mask;
	if (!(action->flags & SA_NODEFER))
		mask |= signal_bit(sig);
	signal_set_blocked(mask);
	kstat_inc(KSTAT_SIGNALS);
}

void
signal_deliver(struct trapframe *tf)
{
	struct uthread *ut = uthread_current();
	struct signal_action action;
	struct signal_info info;

	for (;;) {
		int sig = take(ut, &info, &action);
		if (sig == 0)
			break;
		enter_handler(tf, ut, sig, &info, &action);
	}
	if (ut->blocked_saved) {
		ut->blocked_saved = false;
		signal_set_blocked(ut->saved_blocked);
	}
	if (ut->restart != RESTART_NONE) {
		ut->restart = RESTART_NONE;
		try_again(tf);
	}
}

void
signal_return(struct trapframe *tf)
{
	struct uthread *ut = uthread_current();
	sigset_t mask;

	ut->restart_deadline = 0;
	if (sigframe_pop(tf, &mask) != 0)
		signal_fault(SIGSEGV, SI_KERNEL, tf->x[TF_SP]);
	else
		signal_set_blocked(mask);
}
