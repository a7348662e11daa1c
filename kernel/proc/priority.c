// SPDX-License-Identifier: MIT
/*
 * Nice values (proc/priority.h).  A process's is its threads', all the same
 * unless one was made while it changed.
 */
#include "proc/priority.h"

#include "abi/errno.h"
#include "abi/resource.h"
#include "lib/math.h"
#include "proc/pid.h"
#include "proc/proc_impl.h"
#include "sched/sched.h"
#include "sched/thread.h"

#define NICE_MAX 19

// Which processes, and what becomes of them.
struct selection {
	int which;
	int who;
	bool set;
	int nice; // to set, or the lowest found
	unsigned found;
};

static void
visit_threads(struct proc *p, struct selection *s)
{
	struct list *l;

	spin_lock(&p->lock);
	list_for_each(l, &p->threads) {
		struct thread *t = container_of(l, struct uthread, link)->thread;
		if (s->set)
			sched_set_priority(t, (unsigned)(s->nice - PRIO_MIN));
		else
			s->nice = MIN(s->nice, (int)sched_priority(t) + PRIO_MIN);
	}
	spin_unlock(&p->lock);
}

static void
visit(void *arg, struct proc *p)
{
	struct selection *s = arg;

	if (s->which == PRIO_PROCESS && p->id != s->who)
		return;
	if (s->which == PRIO_PGRP && p->group->number != s->who)
		return;
	s->found++;
	visit_threads(p, s);
}

static int
select_and_visit(struct selection *s)
{
	if (s->which < PRIO_PROCESS || s->which > PRIO_USER)
		return -EINVAL;
	if (s->which == PRIO_USER && s->who != 0)
		return -ESRCH; // there is one user
	if (s->which == PRIO_PROCESS && s->who == 0)
		s->who = proc_current()->id;
	if (s->which == PRIO_PGRP && s->who == 0)
		s->who = proc_current()->group->number;
	proc_for_each(visit, s);
	return s->found > 0 ? 0 : -ESRCH;
}

int
priority_set(int which, int who, int nice)
{
	struct selection s = {
		.which = which,
		.who = who,
		.set = true,
		.nice = MIN(MAX(nice, PRIO_MIN), NICE_MAX),
	};

	return select_and_visit(&s);
}

int
priority_get(int which, int who, int *nice)
{
	struct selection s = { .which = which, .who = who, .nice = NICE_MAX };

	int error = select_and_visit(&s);
	*nice = s.nice;
	return error;
}
