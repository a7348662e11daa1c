// SPDX-License-Identifier: MIT
/*
 * Making processes and threads (proc/fork.h).
 *
 *   1. What can fail comes first; then, under the tree lock, the child becomes
 *      visible in one step: number, parent, group, session.
 *   2. A signal to the group either is pending in the parent before that step,
 *      which then fails with -EINTR_ALWAYS, or finds the child.  So ^C leaves
 *      no child behind.
 *   3. A process that is exiting or replacing its image makes no thread: the
 *      one who ends the others sees all of them.
 *
 * Not supported, -EINVAL: namespaces, CLONE_PARENT, CLONE_PIDFD, shared signal
 * handlers without CLONE_THREAD, and threads that share less than all.
 */
#include "proc/fork.h"

#include "abi/errno.h"
#include "abi/sched.h"
#include "arch/hart.h"
#include "arch/trap.h"
#include "lib/kstat.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "proc/fdtable.h"
#include "proc/fscontext.h"
#include "proc/pid.h"
#include "proc/proc_impl.h"
#include "proc/restart.h"
#include "sched/thread.h"
#include "vm/space.h"
#include "vm/usercopy.h"

#define SHARE_ALL (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND)

// Flags that mean something here, and some that may be ignored because what
// they are about does not exist.
#define SUPPORTED                                                                          \
	(CSIGNAL | SHARE_ALL | CLONE_VFORK | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_UNTRACED |    \
	 CLONE_CHILD_SETTID)

static int
check_flags(uint64_t flags)
{
	if (flags & ~(uint64_t)SUPPORTED)
		return -EINVAL;
	if (flags & CLONE_THREAD)
		return (flags & SHARE_ALL) == SHARE_ALL && !(flags & CLONE_VFORK) ? 0 : -EINVAL;
	if ((flags & CLONE_SIGHAND) || (flags & CSIGNAL) > SIGNAL_COUNT)
		return -EINVAL;
	return 0;
}

static void
start_child(void *arg)
{
	uthread_enter_user(arg);
}

// The registers of the current thread for ut, and what the flags say.
static void
copy_registers(struct uthread *ut, const struct clone_request *r)
{
	struct thread *me = thread_current();
	struct trapframe *tf = trapframe_of(&ut->thread->arch);

	*tf = *trapframe_of(&me->arch);
	tf->x[TF_A0] = 0;
	if (r->stack != 0)
		tf->x[TF_SP] = r->stack;
	if (r->flags & CLONE_SETTLS)
		tf->x[TF_TP] = r->tls;
	fpu_save_current();
	ut->thread->arch.fpu = me->arch.fpu;
}

static int
make_thread(struct proc *p, struct pid *pid, const struct clone_request *r, struct uthread **out)
{
	int error = uthread_create(p, pid, thread_current()->arch.name, start_child, out);

	if (error != 0)
		return error;
	copy_registers(*out, r);
	(*out)->blocked = uthread_current()->blocked;
	(*out)->set_tid = r->flags & CLONE_CHILD_SETTID ? r->child_tid : 0;
	(*out)->clear_tid = r->flags & CLONE_CHILD_CLEARTID ? r->child_tid : 0;
	return 0;
}

// Whether the current thread may make a child now.  Its process's lock is held.
static int
may_appear(struct proc *p)
{
	if (p->exiting || p->exec_owner != NULL || signal_waiting())
		return -EINTR_ALWAYS;
	return 0;
}

// Everything is done but letting it run.
static int
finish(struct uthread *ut, int id, const struct clone_request *r)
{
	if (r->flags & CLONE_PARENT_SETTID)
		(void)copy_out(r->parent_tid, &id, sizeof id);
	thread_start(ut->thread);
	return id;
}

static int
clone_thread(const struct clone_request *r)
{
	struct proc *p = proc_current();
	struct uthread *ut;
	struct pid *pid;

	int error = pid_alloc(&pid);
	if (error != 0)
		return error;
	error = make_thread(p, pid, r, &ut);
	if (error != 0)
		goto free_pid;
	space_get(p->space);
	space_set_thread(ut->thread, p->space);

	spin_lock(&proc_tree_lock);
	spin_lock(&p->lock);
	error = may_appear(p);
	if (error == 0)
		uthread_publish(ut);
	spin_unlock(&p->lock);
	spin_unlock(&proc_tree_lock);
	if (error != 0)
		goto discard;
	return finish(ut, pid->number, r);

discard:
	space_set_thread(ut->thread, NULL);
	space_put(p->space);
	uthread_discard(ut);
free_pid:
	pid_unuse_unlocked(pid);
	return error;
}

// The parent's resources for the child, shared or copied.
static int
copy_resources(struct proc *parent, struct proc *child, uint64_t flags)
{
	if (flags & CLONE_FILES) {
		child->files = parent->files;
		fdtable_get(child->files);
	} else {
		child->files = fdtable_copy(parent->files);
	}
	if (flags & CLONE_FS) {
		child->fs = parent->fs;
		fs_context_get(child->fs);
	} else {
		child->fs = fs_context_copy(parent->fs);
	}
	if (child->files == NULL || child->fs == NULL)
		return -ENOMEM;
	if (flags & CLONE_VM) {
		child->space = parent->space;
		space_get(child->space);
		return 0;
	}
	return space_fork(parent->space, &child->space);
}

static void
drop_resources(struct proc *p)
{
	if (p->space != NULL)
		space_put(p->space);
	if (p->fs != NULL)
		fs_context_put(p->fs);
	if (p->files != NULL)
		fdtable_put(p->files);
	p->space = NULL;
	p->fs = NULL;
	p->files = NULL;
}

// What a child inherits that is not a resource.
static void
inherit(struct proc *parent, struct proc *child, const struct clone_request *r)
{
	spin_lock(&parent->lock);
	memcpy(child->action, parent->action, sizeof child->action);
	memcpy(child->name, parent->name, sizeof child->name);
	spin_unlock(&parent->lock);
	child->trace = parent->trace;
	child->exit_signal = (int)(r->flags & CSIGNAL);
	if (r->flags & CLONE_VFORK) {
		proc_get(parent);
		child->vfork_parent = parent;
	}
}

// The copy is for /proc only: without memory for it the child has none.
static void
copy_cmdline(struct proc *parent, struct proc *child)
{
	spin_lock(&parent->lock);
	size_t size = parent->cmdline_size;
	spin_unlock(&parent->lock);
	char *copy = size > 0 ? heap_alloc(size) : NULL;
	if (copy == NULL)
		return;
	spin_lock(&parent->lock);
	child->cmdline_size = parent->cmdline_size <= size ? parent->cmdline_size : 0;
	memcpy(copy, parent->cmdline, child->cmdline_size);
	spin_unlock(&parent->lock);
	child->cmdline = copy;
}

// The step in which the child appears.
static int
appear(struct proc *parent, struct proc *child, struct uthread *ut)
{
	spin_lock(&proc_tree_lock);
	spin_lock(&parent->lock);
	int error = may_appear(parent);
	spin_unlock(&parent->lock);
	if (error == 0) {
		child->parent = parent;
		list_push_back(&parent->children, &child->sibling);
		pid_set_group(child, parent->group);
		pid_set_session(child, parent->session);
		proc_publish(child);
		spin_lock(&child->lock);
		pid_use(ut->pid);
		uthread_publish(ut);
		spin_unlock(&child->lock);
	}
	spin_unlock(&proc_tree_lock);
	return error;
}

void
vfork_release(struct proc *p)
{
	struct proc *parent = p->vfork_parent;

	if (parent == NULL)
		return;
	p->vfork_parent = NULL;
	spin_lock(&parent->lock);
	p->vfork_done = true;
	wake_all(&parent->vfork_wait);
	spin_unlock(&parent->lock);
	proc_put(parent);
}

static void
vfork_wait(struct proc *parent, struct proc *child)
{
	spin_lock(&parent->lock);
	while (!child->vfork_done && !signal_must_end(uthread_current()))
		sleep_on(&parent->vfork_wait, &parent->lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
	spin_unlock(&parent->lock);
}

static int
clone_process(const struct clone_request *r)
{
	struct proc *parent = proc_current();
	struct uthread *ut;
	struct pid *pid;

	int error = pid_alloc(&pid);
	if (error != 0)
		return error;
	struct proc *child = proc_alloc(pid);
	if (child == NULL) {
		error = -ENOMEM;
		goto free_pid;
	}
	error = copy_resources(parent, child, r->flags);
	if (error != 0)
		goto drop;
	error = make_thread(child, pid, r, &ut);
	if (error != 0)
		goto drop;
	space_get(child->space);
	space_set_thread(ut->thread, child->space);
	inherit(parent, child, r);
	copy_cmdline(parent, child);
	error = appear(parent, child, ut);
	if (error != 0)
		goto discard;

	kstat_inc(KSTAT_FORKS);
	int id = finish(ut, pid->number, r);
	if (r->flags & CLONE_VFORK)
		vfork_wait(parent, child);
	pid_unuse_unlocked(pid);
	proc_put(child);
	return id;

discard:
	vfork_release(child);
	space_set_thread(ut->thread, NULL);
	space_put(child->space);
	uthread_discard(ut);
drop:
	drop_resources(child);
	proc_put(child);
free_pid:
	pid_unuse_unlocked(pid);
	return error;
}

int
proc_clone(const struct clone_request *request)
{
	int error = check_flags(request->flags);

	if (error != 0)
		return error;
	return request->flags & CLONE_THREAD ? clone_thread(request) : clone_process(request);
}
