// SPDX-License-Identifier: MIT
/*
 * Between ns and the structs of time that programs have.
 */
#pragma once

#include "abi/time.h"

#define NS_PER_SECOND INT64_C(1000000000)

static inline struct timespec
times_from_ns(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (int64_t)(ns / (uint64_t)NS_PER_SECOND),
		.tv_nsec = (int64_t)(ns % (uint64_t)NS_PER_SECOND),
	};
}

// Whether t is a time that may be slept for or set.
static inline _Bool
times_valid(const struct timespec *t)
{
	return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < NS_PER_SECOND;
}

// In ns; times beyond what 64 bits hold are as far as they go.
static inline uint64_t
times_to_ns(const struct timespec *t)
{
	uint64_t seconds = (uint64_t)t->tv_sec;

	if (seconds >= UINT64_MAX / (uint64_t)NS_PER_SECOND)
		return UINT64_MAX;
	return seconds * (uint64_t)NS_PER_SECOND + (uint64_t)t->tv_nsec;
}
