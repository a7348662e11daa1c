// SPDX-License-Identifier: MIT
/*
 * Bit sets: searching goes by whole words, 64 bits at a look.
 */
#include "lib/bitmap.h"

#include "lib/math.h"

const uint8_t lowest_bit_table[64] = {
	0,  1,  48, 2,  57, 49, 28, 3,  61, 58, 50, 42, 38, 29, 17, 4,  62, 55, 59, 36, 53, 51,
	43, 22, 45, 39, 33, 30, 24, 18, 12, 5,  63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21,
	44, 32, 23, 11, 46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,  13, 8,  7,  6,
};

// The first bit at or after from whose word, after xor with flip, has it set.
static size_t
find(const uint64_t *map, size_t bits, size_t from, uint64_t flip)
{
	if (from >= bits)
		return bits;

	size_t i = from / 64;
	uint64_t word = (map[i] ^ flip) >> (from % 64) << (from % 64);
	while (word == 0) {
		if (++i >= BITMAP_WORDS(bits))
			return bits;
		word = map[i] ^ flip;
	}
	size_t bit = i * 64 + lowest_bit(word);
	return MIN(bit, bits); // the last word may have bits beyond the map's end
}

size_t
bitmap_find_clear(const uint64_t *map, size_t bits, size_t from)
{
	return find(map, bits, from, ~UINT64_C(0));
}

size_t
bitmap_find_set(const uint64_t *map, size_t bits, size_t from)
{
	return find(map, bits, from, 0);
}

// Bits set in a word: sums of neighbours in fields of 2, 4 and 8 bits, then
// all bytes added up by a multiplication (Warren, Hacker's Delight, 5-1).  The
// compiler's builtin would call a function of libgcc, which isn't linked.
static unsigned
count_word(uint64_t w)
{
	w -= w >> 1 & UINT64_C(0x5555555555555555);
	w = (w & UINT64_C(0x3333333333333333)) + (w >> 2 & UINT64_C(0x3333333333333333));
	w = (w + (w >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned)(w * UINT64_C(0x0101010101010101) >> 56);
}

size_t
bitmap_count(const uint64_t *map, size_t bits)
{
	size_t sum = 0;

	for (size_t i = 0; i < bits / 64; i++)
		sum += count_word(map[i]);
	if (bits % 64 != 0)
		sum += count_word(map[bits / 64] << (64 - bits % 64));
	return sum;
}
