// SPDX-License-Identifier: MIT
/*
 * The user part of a thread: its making and its first steps.
 *
 * A user thread's kernel stack ends with the frame of its last trap from user
 * mode.  A new thread gets a frame as if it had just trapped; then it leaves
 * by the same door as everybody, upcall_user_return(), so that a signal that
 * came before its first instruction is seen.
 */
#include "abi/errno.h"
#include "arch/hart.h"
#include "arch/trap.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "proc/pid.h"
#include "proc/proc_impl.h"
#include "sched/thread.h"
#include "vm/usercopy.h"

// The status of user mode: as it is now, but that a return goes to user mode
// with interrupts on.
static uint64_t
user_status(void)
{
	return (csr_read(sstatus) & ~(SSTATUS_SPP | SSTATUS_SIE | SSTATUS_SUM | SSTATUS_FS)) |
	       SSTATUS_SPIE;
}

int
uthread_create(struct proc *p, struct pid *pid, const char *name, void (*entry)(void *),
	       struct uthread **out)
{
	struct uthread *ut = heap_zalloc(sizeof *ut);

	if (ut == NULL)
		return -ENOMEM;
	int error = thread_create(name, p, entry, ut, &ut->thread);
	if (error != 0) {
		heap_free(ut);
		return error;
	}
	struct trapframe *tf = trapframe_of(&ut->thread->arch);
	memset(tf, 0, sizeof *tf);
	tf->status = user_status();
	ut->proc = p;
	ut->pid = pid;
	ut->tid = pid->number;
	list_init(&ut->link);
	signal_queue_init(&ut->pending);
	ut->thread->user_data = ut;
	ut->thread->arch.id = pid->number;
	proc_get(p);
	*out = ut;
	return 0;
}

void
uthread_discard(struct uthread *ut)
{
	struct thread *t = ut->thread;

	signal_queue_clear(&ut->pending);
	proc_put(ut->proc);
	heap_free(ut);
	thread_put(t); // the reference of the thread itself, which never runs
	thread_put(t);
}

void
uthread_publish(struct uthread *ut)
{
	assert_held(&proc_tree_lock);
	assert_held(&ut->proc->lock);
	ut->pid->thread = ut;
	list_push_back(&ut->proc->threads, &ut->link);
	ut->proc->nthreads++;
}

void
uthread_enter_user(struct uthread *ut)
{
	if (ut->set_tid != 0)
		(void)copy_out(ut->set_tid, &ut->tid, sizeof ut->tid);
	intr_off();
	trap_return_to_user();
}
