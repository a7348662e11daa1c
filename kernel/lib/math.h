// SPDX-License-Identifier: MIT
/*
 * Small arithmetic.  MIN and MAX evaluate an argument twice.
 */
#pragma once

#include "arch/types.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

// To a multiple of align, a power of two.
static inline uint64_t
align_down(uint64_t n, uint64_t align)
{
	return n & ~(align - 1);
}

static inline uint64_t
align_up(uint64_t n, uint64_t align)
{
	return (n + align - 1) & ~(align - 1);
}

static inline uint64_t
div_round_up(uint64_t n, uint64_t by)
{
	return (n + by - 1) / by;
}
