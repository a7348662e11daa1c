// SPDX-License-Identifier: MIT
/*
 * System calls on clocks (POSIX.1-2017 clock_gettime(), nanosleep() and kin).
 */
#include "abi/errno.h"
#include "abi/time.h"
#include "arch/time.h"
#include "proc/proc.h"
#include "proc/restart.h"
#include "sched/clock.h"
#include "sched/sleep.h"
#include "sched/thread.h"
#include "sys/syscall_table.h"
#include "vm/usercopy.h"

// Longer than this is for ever: 64 bits of ns hold 584 years.
#define SECONDS_MAX (INT64_MAX / (int64_t)NS_PER_SEC / 2)

static int
time_in(uaddr_t address, uint64_t *ns)
{
	struct timespec t;

	int error = copy_in(&t, address, sizeof t);
	if (error != 0)
		return error;
	if (t.tv_sec < 0 || t.tv_nsec < 0 || t.tv_nsec >= (long)NS_PER_SEC)
		return -EINVAL;
	if (t.tv_sec > SECONDS_MAX)
		t.tv_sec = SECONDS_MAX;
	*ns = (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
	return 0;
}

static int
time_out(uaddr_t address, uint64_t ns)
{
	struct timespec t = {
		.tv_sec = (time_t)(ns / NS_PER_SEC),
		.tv_nsec = (long)(ns % NS_PER_SEC),
	};
	return copy_out(address, &t, sizeof t);
}

static uint64_t
process_time(void)
{
	struct proc_usage usage;

	proc_usage_now(proc_current(), &usage);
	return usage.user_ns + usage.system_ns;
}

static int
clock_now(int clock, uint64_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = clock_realtime_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = clock_monotonic_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		*ns = process_time();
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = thread_current()->run_ns;
		return 0;
	default:
		return -EINVAL;
	}
}

int64_t
sys_clock_gettime(int clock, uaddr_t time)
{
	uint64_t ns;

	int error = clock_now(clock, &ns);
	return error != 0 ? error : time_out(time, ns);
}

int64_t
sys_clock_getres(int clock, uaddr_t resolution)
{
	uint64_t ns;

	int error = clock_now(clock, &ns);
	return error != 0 || resolution == 0 ? error : time_out(resolution, 1);
}

int64_t
sys_clock_settime(int clock, uaddr_t time)
{
	uint64_t ns;

	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	int error = time_in(time, &ns);
	if (error != 0)
		return error;
	clock_set_realtime(ns);
	return 0;
}

// Sleep until deadline (ns since boot).  If a signal that has no handler ends
// it, the same deadline is kept for the second try.
static int64_t
sleep_to(uint64_t deadline, uaddr_t remaining)
{
	struct uthread *ut = uthread_current();

	if (ut->restart_deadline != 0)
		deadline = ut->restart_deadline;
	ut->restart_deadline = 0;
	if (sleep_until(deadline, SLEEP_INTERRUPTIBLE) == 0)
		return 0;
	uint64_t now = clock_monotonic_ns();
	if (remaining != 0 && time_out(remaining, deadline > now ? deadline - now : 0) != 0)
		return -EFAULT;
	ut->restart_deadline = deadline;
	return -EINTR_SILENT;
}

int64_t
sys_nanosleep(uaddr_t request, uaddr_t remaining)
{
	uint64_t ns;

	int error = time_in(request, &ns);
	if (error != 0)
		return error;
	return sleep_to(clock_monotonic_ns() + ns, remaining);
}

int64_t
sys_clock_nanosleep(int clock, uint64_t flags, uaddr_t request, uaddr_t remaining)
{
	uint64_t ns, now;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	int error = time_in(request, &ns);
	if (error != 0)
		return error;
	if (!(flags & TIMER_ABSTIME))
		return sleep_to(clock_monotonic_ns() + ns, remaining);
	error = clock_now(clock, &now);
	if (error != 0 || ns <= now)
		return error;
	return sleep_to(clock_monotonic_ns() + (ns - now), 0);
}
