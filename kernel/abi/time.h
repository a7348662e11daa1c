// SPDX-License-Identifier: MIT
/*
 * Times and clocks (include/uapi/linux/time.h, linux/time_types.h).
 */
#pragma once

#include "abi/types.h"

struct timespec {
	time_t tv_sec;
	int64_t tv_nsec; // 0 to 999,999,999
};

struct timeval {
	time_t tv_sec;
	suseconds_t tv_usec; // 0 to 999,999
};

#define CLOCK_REALTIME           0 // since 1970, in UTC
#define CLOCK_MONOTONIC          1 // since boot
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID  3
#define CLOCK_MONOTONIC_RAW      4
#define CLOCK_REALTIME_COARSE    5
#define CLOCK_MONOTONIC_COARSE   6
#define CLOCK_BOOTTIME           7

#define TIMER_ABSTIME 1 // clock_nanosleep()
