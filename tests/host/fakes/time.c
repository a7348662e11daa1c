// SPDX-License-Identifier: MIT
#include "arch/time.h"

#include "fakes/fake.h"
#include "sched/clock.h"

#define REALTIME_OFFSET (UINT64_C(1700000000) * NS_PER_SEC)

static uint64_t now = NS_PER_SEC;

void
fake_time_set(uint64_t ns)
{
	now = ns;
}

void
fake_time_advance(uint64_t ns)
{
	now += ns;
}

uint64_t
time_ns(void)
{
	return now;
}

uint64_t
clock_monotonic_ns(void)
{
	return now;
}

uint64_t
clock_realtime_ns(void)
{
	return now + REALTIME_OFFSET;
}
