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

// The number of the lowest set bit of n, which must not be 0.  The base
// instruction set can't tell, and the compiler's builtin would call libgcc.
static inline unsigned
lowest_bit(uint64_t n)
{
	unsigned bit = 0;

	for (unsigned half = 32; half > 0; half /= 2) {
		if ((n & ((UINT64_C(1) << half) - 1)) == 0) {
			bit += half;
			n >>= half;
		}
	}
	return bit;
}
