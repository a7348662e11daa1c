// SPDX-License-Identifier: MIT
/*
 * Waiting for children (proc/exit.h).
 *
 * Zombies are in a list of their own, so that waiting for any child takes no
 * search.  All under the tree lock; the wait queue's guard is the same lock, so
 * nothing that a child does between the look and the sleep is missed.
 */
#include "proc/exit.h"

#include "abi/errno.h"
#include "abi/wait.h"
#include "proc/pid.h"
#include "proc/proc_impl.h"

#define OPTIONS (WNOHANG | WUNTRACED | WCONTINUED | WNOWAIT | __WNOTHREAD | __WALL | __WCLONE)

struct request {
	struct proc *self;
	int target;
	uint64_t options;
};

// Whether p is one of the children that are asked for.
static bool
matches(const struct request *r, const struct proc *p)
{
	// Children that don't send SIGCHLD are waited for only if asked.
	bool clone = p->exit_signal != SIGCHLD;

	if (!(r->options & __WALL) && clone != ((r->options & __WCLONE) != 0))
		return false;
	if (r->target > 0)
		return p->id == r->target;
	if (r->target == 0)
		return p->group == r->self->group;
	return r->target == -1 || p->group->number == -r->target;
}

// The first child of state that matches; children is the list of them.
static struct proc *
first_match(const struct request *r, enum proc_state state, struct list *children)
{
	struct list *l;

	if (r->target > 0) {
		struct proc *p = proc_find_locked(r->target);
		return p != NULL && p->parent == r->self && p->state == state && matches(r, p)
			       ? p
			       : NULL;
	}
	list_for_each(l, children) {
		struct proc *p = container_of(l, struct proc, sibling);
		if (matches(r, p))
			return p;
	}
	return NULL;
}

static void
collect_zombie(const struct request *r, struct proc *p, struct wait_result *result)
{
	result->pid = p->id;
	result->status = p->wait_status;
	proc_usage_now(p, &result->usage);
	proc_usage_add(&result->usage, &p->child_usage);
	if (r->options & WNOWAIT)
		return;
	proc_usage_add(&r->self->child_usage, &result->usage);
	proc_unpublish(p);
}

// Whether p, which lives, has something to tell that is asked for.
static bool
collect_news(const struct request *r, struct proc *p, struct wait_result *result)
{
	if (p->news == NEWS_STOPPED && (r->options & WUNTRACED))
		result->status = W_STOPCODE(p->stop_signal);
	else if (p->news == NEWS_CONTINUED && (r->options & WCONTINUED))
		result->status = W_CONTINUED;
	else
		return false;
	result->pid = p->id;
	proc_usage_now(p, &result->usage);
	if (!(r->options & WNOWAIT))
		p->news = NEWS_NONE;
	return true;
}

// One look.  Returns whether there is a child to wait for at all.
static bool
look(const struct request *r, struct wait_result *result)
{
	struct proc *p = first_match(r, PROC_ZOMBIE, &r->self->zombies);
	struct list *l;

	if (p != NULL) {
		collect_zombie(r, p, result);
		return true;
	}
	if (!(r->options & (WUNTRACED | WCONTINUED)))
		return first_match(r, PROC_ALIVE, &r->self->children) != NULL;
	bool any = false;
	list_for_each(l, &r->self->children) {
		p = container_of(l, struct proc, sibling);
		if (!matches(r, p))
			continue;
		any = true;
		if (collect_news(r, p, result))
			break;
	}
	return any;
}

int
wait_child(int target, uint64_t options, struct wait_result *result)
{
	struct request r = { .self = proc_current(), .target = target, .options = options };
	int error = 0;

	if (options & ~(uint64_t)OPTIONS)
		return -EINVAL;
	if (target == INT32_MIN)
		return -ESRCH;
	result->pid = 0;
	spin_lock(&proc_tree_lock);
	while (error == 0) {
		if (!look(&r, result))
			error = -ECHILD;
		else if (result->pid != 0 || (options & WNOHANG))
			break;
		else
			error = sleep_on(&r.self->wait, &proc_tree_lock, SLEEP_INTERRUPTIBLE,
					 DEADLINE_NONE);
	}
	spin_unlock(&proc_tree_lock);
	return error;
}
