// SPDX-License-Identifier: MIT
/*
 * Groups and sessions (proc/job.h).  All under the tree lock.
 */
#include "proc/job.h"

#include "abi/errno.h"
#include "proc/pid.h"
#include "proc/proc_impl.h"

static bool
is_session_leader(const struct proc *p)
{
	return p->session == p->pid;
}

// The process that a call names: 0 is the caller.
static struct proc *
find(int id)
{
	return id == 0 ? proc_current() : proc_find_locked(id);
}

static int
set_group(struct proc *p, int number)
{
	struct proc *self = proc_current();

	if (p == NULL || (p != self && p->parent != self))
		return -ESRCH;
	if (p != self && p->did_exec)
		return -EACCES;
	if (is_session_leader(p) || p->session != self->session)
		return -EPERM;
	struct pid *group = number == 0 || number == p->id ? p->pid : pid_find(number);
	if (group == NULL)
		return -EPERM;
	if (group != p->pid) {
		// An existing group of the same session.
		if (list_empty(&group->group))
			return -EPERM;
		struct proc *member = container_of(group->group.next, struct proc, group_link);
		if (member->session != p->session)
			return -EPERM;
	}
	if (group != p->group)
		pid_set_group(p, group);
	return 0;
}

int
job_set_group(int pid, int group)
{
	if (pid < 0 || group < 0)
		return -EINVAL;
	spin_lock(&proc_tree_lock);
	int result = set_group(find(pid), group);
	spin_unlock(&proc_tree_lock);
	return result;
}

int
job_new_session(void)
{
	struct proc *p = proc_current();
	int result = -EPERM;

	spin_lock(&proc_tree_lock);
	if (list_empty(&p->pid->group)) {
		pid_set_group(p, p->pid);
		pid_set_session(p, p->pid);
		result = p->id;
	}
	spin_unlock(&proc_tree_lock);
	return result;
}

int
job_group_of(int pid)
{
	spin_lock(&proc_tree_lock);
	struct proc *p = find(pid);
	int result = p != NULL ? p->group->number : -ESRCH;
	spin_unlock(&proc_tree_lock);
	return result;
}

int
job_session_of(int pid)
{
	spin_lock(&proc_tree_lock);
	struct proc *p = find(pid);
	int result = p != NULL ? p->session->number : -ESRCH;
	spin_unlock(&proc_tree_lock);
	return result;
}

// Whether p, which may be leaving, keeps its group from being orphaned.
static bool
holds_group(const struct proc *p, const struct proc *leaving)
{
	const struct proc *parent = p->parent;

	return p != leaving && p->state == PROC_ALIVE && parent != NULL && parent != leaving &&
	       parent->id != 1 && parent->group != p->group && parent->session == p->session;
}

static bool
is_orphaned(struct pid *group, const struct proc *leaving)
{
	struct list *l;

	list_for_each(l, &group->group)
		if (holds_group(container_of(l, struct proc, group_link), leaving))
			return false;
	return true;
}

bool
job_group_is_orphaned(struct pid *group)
{
	assert_held(&proc_tree_lock);
	return is_orphaned(group, NULL);
}

static bool
has_stopped_member(struct pid *group, const struct proc *leaving)
{
	struct list *l;

	list_for_each(l, &group->group) {
		struct proc *p = container_of(l, struct proc, group_link);
		if (p != leaving && __atomic_load_n(&p->stopping, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

static void
release_orphans(struct pid *group, const struct proc *leaving)
{
	struct signal_info info = { .code = SI_KERNEL };

	if (!is_orphaned(group, leaving) || !has_stopped_member(group, leaving))
		return;
	signal_send_group(group, SIGHUP, &info);
	signal_send_group(group, SIGCONT, &info);
}

void
job_leave(struct proc *p)
{
	struct list *l;

	assert_held(&proc_tree_lock);
	if (holds_group(p, NULL))
		release_orphans(p->group, p);
	list_for_each(l, &p->children) {
		struct proc *child = container_of(l, struct proc, sibling);
		if (holds_group(child, NULL))
			release_orphans(child->group, p);
	}
}
