// SPDX-License-Identifier: MIT
/*
 * Clocks.  Real time is the monotonic clock and one number added to it, so
 * reading it needs no lock, and setting it moves no timer.
 */
#include "sched/clock.h"

#include "arch/time.h"

static uint64_t offset_ns; // atomic

void
clock_init(void)
{
	uint64_t now = time_read_rtc();

	if (now != 0)
		clock_set_realtime(now);
}

uint64_t
clock_monotonic_ns(void)
{
	return time_ns();
}

uint64_t
clock_realtime_ns(void)
{
	return time_ns() + __atomic_load_n(&offset_ns, __ATOMIC_RELAXED);
}

void
clock_set_realtime(uint64_t ns)
{
	__atomic_store_n(&offset_ns, ns - time_ns(), __ATOMIC_RELAXED);
}
