// SPDX-License-Identifier: MIT
/*
 * Bit sets in arrays of 64-bit words; bit i is bit i % 64 of word i / 64.
 */
#pragma once

#include "arch/types.h"

#define BITMAP_WORDS(bits) (((bits) + 63) / 64)

static inline bool
bitmap_test(const uint64_t *map, size_t i)
{
	return map[i / 64] >> (i % 64) & 1;
}

static inline void
bitmap_set(uint64_t *map, size_t i)
{
	map[i / 64] |= UINT64_C(1) << (i % 64);
}

static inline void
bitmap_clear(uint64_t *map, size_t i)
{
	map[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

// The first clear (set) bit at or after from and below bits, or bits if none.
size_t bitmap_find_clear(const uint64_t *map, size_t bits, size_t from);
size_t bitmap_find_set(const uint64_t *map, size_t bits, size_t from);

// How many of the first bits are set.
size_t bitmap_count(const uint64_t *map, size_t bits);
