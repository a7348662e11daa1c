// SPDX-License-Identifier: MIT
/*
 * What a process has used: for wait4(), times and /proc.
 *
 * The scheduler charges a thread for its time at switches and ticks; what has
 * passed since the last charge is added here.  How much of it was user mode's is
 * estimated: as much as the share of timer interrupts that met user mode.  To
 * measure it would take two looks at the clock in every trap.
 */
#include "arch/hart.h"
#include "lib/math.h"
#include "proc/proc_impl.h"
#include "sched/clock.h"
#include "sched/thread.h"
#include "vm/space.h"

uint64_t
thread_time_ns(const struct thread *t)
{
	intr_push();
	uint64_t ran = t->run_ns;
	uint64_t since = t->picked_ns;
	uint64_t now = clock_monotonic_ns();
	bool running = t->state == THREAD_RUNNING;
	intr_pop();
	return running && now > since ? ran + now - since : ran;
}

void
proc_usage_add(struct proc_usage *to, const struct proc_usage *what)
{
	to->user_ns += what->user_ns;
	to->system_ns += what->system_ns;
	to->faults += what->faults;
	to->switches += what->switches;
	to->resident_max = MAX(to->resident_max, what->resident_max);
}

void
uthread_usage(const struct uthread *ut, struct proc_usage *usage)
{
	uint64_t total = thread_time_ns(ut->thread);
	uint64_t ticks = ut->thread->ticks;
	uint64_t user_ticks = MIN(ut->user_ticks, ticks);

	usage->user_ns = ticks == 0 ? total : total / ticks * user_ticks;
	usage->system_ns = total - usage->user_ns;
	usage->faults = ut->faults;
	usage->switches = ut->thread->switches;
	usage->resident_max = 0;
}

void
proc_usage_now(struct proc *p, struct proc_usage *usage)
{
	struct list *l;

	spin_lock(&p->lock);
	*usage = p->usage;
	list_for_each(l, &p->threads) {
		struct proc_usage one;
		uthread_usage(container_of(l, struct uthread, link), &one);
		proc_usage_add(usage, &one);
	}
	if (p->space != NULL)
		usage->resident_max = MAX(usage->resident_max, p->space->resident_max);
	spin_unlock(&p->lock);
}
