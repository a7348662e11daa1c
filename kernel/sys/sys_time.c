// SPDX-License-Identifier: MIT
/*
 * System calls on clocks and time.
 */
#include "abi/errno.h"
#include "arch/time.h"
#include "proc/proc.h"
#include "proc/restart.h"
#include "sched/clock.h"
#include "sched/sleep.h"
#include "sys/syscall_table.h"
#include "sys/times.h"
#include "vm/usercopy.h"

// What the clocks of the hart are read in; QEMU's virt counts at 10 MHz.
#define RESOLUTION_NS 100

static uint64_t
cpu_time_ns(int clock)
{
	struct proc_usage usage;

	if (clock == CLOCK_THREAD_CPUTIME_ID)
		uthread_usage(uthread_current(), &usage);
	else
		proc_usage_now(proc_current(), &usage);
	return usage.user_ns + usage.system_ns;
}

static int
read_clock(int clock, uint64_t *ns)
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
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = cpu_time_ns(clock);
		return 0;
	default:
		return -EINVAL;
	}
}

int64_t
sys_clock_gettime(int clock, uaddr_t time)
{
	uint64_t ns;

	int error = read_clock(clock, &ns);
	if (error != 0)
		return error;
	struct timespec t = times_from_ns(ns);
	return copy_out(time, &t, sizeof t);
}

int64_t
sys_clock_getres(int clock, uaddr_t resolution)
{
	struct timespec t = { .tv_nsec = RESOLUTION_NS };
	uint64_t ns;

	int error = read_clock(clock, &ns);
	if (error != 0 || resolution == 0)
		return error;
	return copy_out(resolution, &t, sizeof t);
}

int64_t
sys_clock_settime(int clock, uaddr_t time)
{
	struct timespec t;

	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	if (copy_in(&t, time, sizeof t) != 0)
		return -EFAULT;
	if (!times_valid(&t))
		return -EINVAL;
	clock_set_realtime(times_to_ns(&t));
	return 0;
}

static uint64_t
add_bounded(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

// Sleep to a deadline.  For a relative time: a sleep that is tried again, since
// no handler ran, goes on to the deadline it had (proc/deliver.c, rule 3).
static int
sleep_relative(uint64_t ns, uaddr_t remaining)
{
	struct uthread *ut = uthread_current();
	uint64_t deadline = ut->restart_deadline;

	ut->restart_deadline = 0;
	if (deadline == 0)
		deadline = add_bounded(clock_monotonic_ns(), ns);
	if (sleep_until(deadline, SLEEP_INTERRUPTIBLE) == 0)
		return 0;
	uint64_t now = clock_monotonic_ns();
	struct timespec left = times_from_ns(deadline > now ? deadline - now : 0);
	if (remaining != 0 && copy_out(remaining, &left, sizeof left) != 0)
		return -EFAULT;
	ut->restart_deadline = deadline;
	return -EINTR_SILENT;
}

static int
sleep_absolute(int clock, uint64_t when)
{
	if (clock == CLOCK_REALTIME) {
		uint64_t now = clock_realtime_ns();
		when = add_bounded(clock_monotonic_ns(), when > now ? when - now : 0);
	}
	return sleep_until(when, SLEEP_INTERRUPTIBLE) == 0 ? 0 : -EINTR_SILENT;
}

int64_t
sys_clock_nanosleep(int clock, uint64_t flags, uaddr_t request, uaddr_t remaining)
{
	struct timespec t;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	if (copy_in(&t, request, sizeof t) != 0)
		return -EFAULT;
	if (!times_valid(&t) || (flags & ~(uint64_t)TIMER_ABSTIME))
		return -EINVAL;
	if (flags & TIMER_ABSTIME)
		return sleep_absolute(clock, times_to_ns(&t));
	return sleep_relative(times_to_ns(&t), remaining);
}

int64_t
sys_nanosleep(uaddr_t request, uaddr_t remaining)
{
	return sys_clock_nanosleep(CLOCK_MONOTONIC, 0, request, remaining);
}
