// SPDX-License-Identifier: MIT
/*
 * Whose terminal it is (POSIX.1-2017, 11.1.2 to 11.1.4).
 *
 * A terminal is the controlling terminal of at most one session, and a session
 * has at most one.  Of the session's groups one is in the foreground: it gets
 * the signals that are typed, and it alone may read.  Others are sent SIGTTIN.
 * Everything here belongs to proc_tree_lock.
 */
#include "abi/errno.h"
#include "proc/job.h"
#include "proc/pid.h"
#include "proc/proc.h"
#include "proc/tty_impl.h"
#include "vm/usercopy.h"

static void
set_foreground(struct tty *t, struct pid *group)
{
	struct pid *old = t->foreground;

	if (group != NULL)
		pid_use(group);
	t->foreground = group;
	if (old != NULL)
		pid_unuse(old);
}

static void
set_session(struct tty *t, struct pid *session)
{
	struct pid *old = t->session;

	if (session != NULL) {
		pid_use(session);
		session->tty = t;
	}
	t->session = session;
	if (old != NULL) {
		old->tty = NULL;
		pid_unuse(old);
	}
}

struct tty *
tty_of_current(void)
{
	spin_lock(&proc_tree_lock);
	struct tty *t = proc_current()->session->tty;
	spin_unlock(&proc_tree_lock);
	return t;
}

void
tty_of(struct proc *p, uint64_t *device, int *foreground)
{
	struct tty *t = p->session != NULL ? p->session->tty : NULL;

	assert_held(&proc_tree_lock);
	*device = t != NULL ? t->device : 0;
	*foreground = t != NULL && t->foreground != NULL ? t->foreground->number : -1;
}

void
tty_signal(struct tty *t, int sig)
{
	struct signal_info info = { .code = SI_KERNEL };

	spin_lock(&proc_tree_lock);
	if (t->foreground != NULL)
		signal_send_group(t->foreground, sig, &info);
	spin_unlock(&proc_tree_lock);
}

int
tty_acquire(struct tty *t, bool steal)
{
	struct proc *p = proc_current();
	int error = 0;

	spin_lock(&proc_tree_lock);
	if (p->session != p->pid)
		error = -EPERM;
	else if (p->session->tty == t)
		error = 0;
	else if (p->session->tty != NULL || (t->session != NULL && !steal))
		error = -EPERM;
	else {
		set_session(t, p->session);
		set_foreground(t, p->group);
	}
	spin_unlock(&proc_tree_lock);
	return error;
}

static void
release(struct tty *t)
{
	struct signal_info info = { .code = SI_KERNEL };

	if (t->foreground != NULL) {
		signal_send_group(t->foreground, SIGHUP, &info);
		signal_send_group(t->foreground, SIGCONT, &info);
	}
	set_foreground(t, NULL);
	set_session(t, NULL);
}

void
tty_leave(struct proc *p)
{
	spin_lock(&proc_tree_lock);
	if (p->session == p->pid && p->session->tty != NULL)
		release(p->session->tty);
	spin_unlock(&proc_tree_lock);
}

// Whether the current thread would not be stopped by sig.
static bool
is_deaf_to(struct proc *p, int sig)
{
	spin_lock(&p->lock);
	bool deaf = p->action[sig - 1].handler == SIGNAL_IGNORE ||
		    (uthread_current()->blocked & signal_bit(sig));
	spin_unlock(&p->lock);
	return deaf;
}

static int
check_background(struct proc *p, int sig)
{
	struct signal_info info = { .code = SI_KERNEL };

	if (is_deaf_to(p, sig))
		return sig == SIGTTOU ? 0 : -EIO;
	if (job_group_is_orphaned(p->group))
		return -EIO;
	signal_send_group(p->group, sig, &info);
	return -EINTR;
}

int
tty_check_job(struct tty *t, int sig)
{
	struct proc *p = proc_current();
	int error = 0;

	spin_lock(&proc_tree_lock);
	if (t->session != NULL && p->session != t->session)
		error = sig == SIGTTIN ? -EIO : 0; // it is somebody else's
	else if (t->session != NULL && p->group != t->foreground)
		error = check_background(p, sig);
	spin_unlock(&proc_tree_lock);
	return error;
}

// ---- ioctl -------------------------------------------------------------------

// The group or session of t for a process that has t; 0 if there is none.
static int
get_number(struct tty *t, struct pid *const *which, uaddr_t argument)
{
	int number = 0;

	spin_lock(&proc_tree_lock);
	bool mine = proc_current()->session->tty == t;
	if (*which != NULL)
		number = (*which)->number;
	spin_unlock(&proc_tree_lock);
	return mine ? copy_out(argument, &number, sizeof number) : -ENOTTY;
}

static int
move_foreground(struct tty *t, int number)
{
	struct proc *p = proc_current();
	struct pid *group = pid_find(number);

	if (p->session->tty != t)
		return -ENOTTY;
	if (number < 0)
		return -EINVAL;
	if (group == NULL || list_empty(&group->group))
		return -ESRCH;
	if (container_of(group->group.next, struct proc, group_link)->session != p->session)
		return -EPERM;
	set_foreground(t, group);
	return 0;
}

static int
put_foreground(struct tty *t, uaddr_t argument)
{
	int number;

	int error = copy_in(&number, argument, sizeof number);
	if (error == 0)
		error = tty_check_job(t, SIGTTOU);
	if (error != 0)
		return error;
	spin_lock(&proc_tree_lock);
	error = move_foreground(t, number);
	spin_unlock(&proc_tree_lock);
	return error;
}

// The process gives up its terminal; a session's leader does so for all.
static int
give_up(struct tty *t)
{
	struct proc *p = proc_current();
	int error = 0;

	spin_lock(&proc_tree_lock);
	if (p->session->tty != t)
		error = -ENOTTY;
	else if (p->session != p->pid)
		error = -EPERM;
	else
		release(t);
	spin_unlock(&proc_tree_lock);
	return error;
}

int
tty_job_ioctl(struct tty *t, uint64_t request, uaddr_t argument)
{
	switch (request) {
	case TIOCGPGRP:
		return get_number(t, &t->foreground, argument);
	case TIOCGSID:
		return get_number(t, &t->session, argument);
	case TIOCSPGRP:
		return put_foreground(t, argument);
	case TIOCSCTTY:
		return tty_acquire(t, argument == 1);
	case TIOCNOTTY:
		return give_up(t);
	default:
		return -ENOTTY;
	}
}
