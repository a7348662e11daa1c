// SPDX-License-Identifier: MIT
/*
 * The end of threads and processes.
 *
 *   1. A process ends when its last thread does.  To end a process is to make
 *      every thread end: by exit_group(), a signal, or a fault.
 *   2. A thread ends only itself, on its way to user mode or in exit(); others
 *      ask it to (signal_notify_others()).  It holds no lock then.
 *   3. It leaves proc->threads first: from then on no one finds it.  The one
 *      that leaves an empty list is the last, and gives the resources back.
 *   4. Then, in one step under the tree lock, children go to process 1, the
 *      process becomes a zombie and the parent is told; or, if the parent
 *      wants no zombies, it is gone at once.
 *   5. After that step the process may be waited for and its number reused
 *      while the thread is still on its way out: it touches only its own
 *      reference.
 */
#include "proc/exit.h"

#include "abi/wait.h"
#include "lib/panic.h"
#include "mm/heap.h"
#include "proc/fdtable.h"
#include "proc/fscontext.h"
#include "proc/job.h"
#include "proc/pid.h"
#include "proc/proc_impl.h"
#include "proc/tty.h"
#include "sched/thread.h"
#include "vm/space.h"
#include "vm/usercopy.h"

// Linux zeroes the word for whoever joins the thread; nobody can see it if
// nobody shares the memory.
static void
clear_tid(struct uthread *ut)
{
	const int32_t zero = 0;

	// The process and this thread have a reference each.
	if (ut->clear_tid != 0 && __atomic_load_n(&ut->proc->space->refs, __ATOMIC_ACQUIRE) > 2)
		(void)copy_out(ut->clear_tid, &zero, sizeof zero);
	ut->clear_tid = 0;
}

// Leave the process.  Returns whether this was its last thread.
static bool
leave_process(struct proc *p, struct uthread *ut)
{
	struct proc_usage usage;

	spin_lock(&proc_tree_lock);
	spin_lock(&p->lock);
	list_remove(&ut->link);
	p->nthreads--;
	uthread_usage(ut, &usage);
	proc_usage_add(&p->usage, &usage);
	signal_queue_clear(&ut->pending);
	if (p->exec_owner != NULL && p->nthreads == 1)
		wake_all(&p->exec_wait);
	signal_retarget(p);
	bool last = p->nthreads == 0;
	bool stopped = stop_complete(p);
	spin_unlock(&p->lock);
	if (stopped)
		proc_tell_parent(p, CLD_STOPPED, p->stop_signal);
	ut->pid->thread = NULL;
	pid_unuse(ut->pid);
	spin_unlock(&proc_tree_lock);
	return last;
}

static void
release_resources(struct proc *p)
{
	spin_lock(&p->lock);
	struct space *space = p->space;
	struct fdtable *files = p->files;
	struct fs_context *fs = p->fs;
	p->usage.resident_max = space->resident_max;
	p->space = NULL;
	p->files = NULL;
	p->fs = NULL;
	spin_unlock(&p->lock);
	space_put(space);
	vfork_release(p);
	fdtable_put(files);
	fs_context_put(fs);
}

// p's children, alive or not, become process 1's.
static void
give_away_children(struct proc *p)
{
	struct proc *init = proc_find_locked(1);
	struct list *l, *next;

	list_for_each_safe(l, next, &p->children) {
		struct proc *child = container_of(l, struct proc, sibling);
		child->parent = init;
		child->exit_signal = SIGCHLD;
		list_remove(&child->sibling);
		list_push_back(&init->children, &child->sibling);
	}
	list_for_each_safe(l, next, &p->zombies) {
		struct proc *child = container_of(l, struct proc, sibling);
		child->parent = init;
		child->exit_signal = SIGCHLD;
		list_remove(&child->sibling);
		list_push_back(&init->zombies, &child->sibling);
		if (exit_tell_parent(child))
			proc_unpublish(child);
	}
}

bool
exit_tell_parent(struct proc *p)
{
	int status = p->wait_status;

	if (WIFEXITED(status))
		return proc_tell_parent(p, CLD_EXITED, WEXITSTATUS(status));
	return proc_tell_parent(p, CLD_KILLED, WTERMSIG(status));
}

// Rule 4.
static void
become_zombie(struct proc *p)
{
	tty_leave(p);
	spin_lock(&proc_tree_lock);
	job_leave(p);
	give_away_children(p);
	p->wait_status = p->exit_status;
	p->state = PROC_ZOMBIE;
	p->news = NEWS_NONE;
	if (p->parent != NULL) {
		list_remove(&p->sibling);
		list_push_back(&p->parent->zombies, &p->sibling);
	}
	if (p->parent == NULL || exit_tell_parent(p))
		proc_unpublish(p);
	spin_unlock(&proc_tree_lock);
}

// Process 1 may end only if its program was never loaded, or while the machine
// is being switched off: then it waits for that here.
static void
check_init(struct proc *p)
{
	if (p->id != 1 || !p->did_exec)
		return;
	while (proc_end_expected())
		sleep_until(DEADLINE_NONE, SLEEP_UNINTERRUPTIBLE);
	if (WIFEXITED(p->exit_status))
		panic("init (process 1) has ended with status %d; nothing can go on without it",
		      WEXITSTATUS(p->exit_status));
	panic("init (process 1) was ended by signal %d; nothing can go on without it",
	      WTERMSIG(p->exit_status));
}

void
uthread_exit(void)
{
	struct uthread *ut = uthread_current();
	struct thread *t = ut->thread;
	struct proc *p = ut->proc;

	clear_tid(ut);
	bool last = leave_process(p, ut);
	space_put(space_set_current(NULL));
	if (last) {
		check_init(p);
		release_resources(p);
		become_zombie(p);
	}
	t->user_data = NULL;
	heap_free(ut);
	proc_put(p);
	thread_put(t);
	thread_exit();
}

void
proc_exit_group(int wait_status)
{
	struct uthread *ut = uthread_current();
	struct proc *p = ut->proc;

	spin_lock(&p->lock);
	if (p->exec_owner == NULL || p->exec_owner == ut)
		signal_group_exit(p, wait_status);
	spin_unlock(&p->lock);
	uthread_exit();
}

void
exit_process(int code)
{
	proc_exit_group(W_EXITCODE(code, 0));
}

void
exit_thread(int code)
{
	struct uthread *ut = uthread_current();
	struct proc *p = ut->proc;

	spin_lock(&p->lock);
	if (!p->exiting && (ut->tid == p->id || p->nthreads == 1))
		p->exit_status = W_EXITCODE(code, 0);
	spin_unlock(&p->lock);
	uthread_exit();
}
