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
// instruction set can't tell, and the compiler's builtin would call libgcc.  So
// the lowest bit alone, as a factor, shifts the wanted entry's index to the top
// of a constant in which all indices are different (Leiserson, Prokop and
// Randall, Using de Bruijn Sequences to Index a 1 in a Computer Word, 1998).
extern const uint8_t lowest_bit_table[64];

static inline unsigned
lowest_bit(uint64_t n)
{
	return lowest_bit_table[(n & -n) * UINT64_C(0x03f79d71b4cb0a89) >> 58];
}
