// SPDX-License-Identifier: MIT
/*
 * Stopping and continuing, and what a parent is told of its children.
 *
 *   1. A stop signal taken by its default action makes the process `stopping`;
 *      each of its threads stops on its way to user mode.
 *   2. When all have, the parent is told: once for each stop.
 *   3. SIGCONT ends `stopping` when it is sent, whatever the process does with
 *      the signal itself; so does nothing else but the process's end.
 */
#include "abi/wait.h"
#include "proc/proc_impl.h"
#include "sched/thread.h"

void
stop_begin(struct proc *p, int sig)
{
	assert_held(&p->lock);
	if (p->stopping || p->exiting || !p->stop_taken)
		return;
	p->stop_taken = false;
	p->stopping = true;
	p->stopping_signal = sig;
	signal_notify_others(p, NULL);
}

bool
stop_end(struct proc *p)
{
	assert_held(&proc_tree_lock);
	assert_held(&p->lock);
	p->stop_taken = false;
	if (!p->stopping)
		return false;
	bool told = p->stop_told;
	p->stopping = false;
	p->stop_told = false;
	p->news = told ? NEWS_CONTINUED : NEWS_NONE;
	wake_all(&p->stop_wait);
	return told;
}

bool
stop_complete(struct proc *p)
{
	assert_held(&proc_tree_lock);
	assert_held(&p->lock);
	if (!p->stopping || p->stop_told || p->nthreads == 0 || p->stopped < p->nthreads)
		return false;
	p->stop_told = true;
	p->news = NEWS_STOPPED;
	p->stop_signal = p->stopping_signal;
	return true;
}

void
stop_here(struct uthread *ut)
{
	struct proc *p = ut->proc;

	spin_lock(&proc_tree_lock);
	spin_lock(&p->lock);
	if (p->stopping && !signal_must_end(ut)) {
		ut->stopped = true;
		p->stopped++;
	}
	bool complete = stop_complete(p);
	spin_unlock(&p->lock);
	if (complete)
		proc_tell_parent(p, CLD_STOPPED, p->stop_signal);
	spin_unlock(&proc_tree_lock);

	spin_lock(&p->lock);
	while (p->stopping && !signal_must_end(ut))
		sleep_on(&p->stop_wait, &p->lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
	if (ut->stopped) {
		ut->stopped = false;
		p->stopped--;
	}
	spin_unlock(&p->lock);
}

// Whether the parent's disposition of SIGCHLD says that it never waits, and
// that it wants no signal for stops.
static void
parent_wishes(struct proc *parent, bool *no_zombies, bool *no_stops)
{
	spin_lock(&parent->lock);
	const struct signal_action *a = &parent->action[SIGCHLD - 1];
	*no_zombies = a->handler == SIGNAL_IGNORE || (a->flags & SA_NOCLDWAIT);
	*no_stops = (a->flags & SA_NOCLDSTOP) != 0;
	spin_unlock(&parent->lock);
}

bool
proc_tell_parent(struct proc *p, int code, int status)
{
	struct proc *parent = p->parent;
	struct proc_usage usage;
	bool no_zombies, no_stops;

	assert_held(&proc_tree_lock);
	if (parent == NULL)
		return false;
	parent_wishes(parent, &no_zombies, &no_stops);
	wake_all(&parent->wait);
	bool ended = code != CLD_STOPPED && code != CLD_CONTINUED;
	int sig = ended ? p->exit_signal : SIGCHLD;
	if (sig == 0 || (!ended && no_stops))
		return ended && sig == SIGCHLD && no_zombies;
	proc_usage_now(p, &usage);
	struct signal_info info = {
		.code = code,
		.pid = p->id,
		.status = status,
		.user_ns = usage.user_ns,
		.system_ns = usage.system_ns,
	};
	signal_send(parent, sig, &info);
	return ended && sig == SIGCHLD && no_zombies;
}
