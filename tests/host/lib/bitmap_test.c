// SPDX-License-Identifier: MIT
// Bit sets against a loop over single bits, at every size near a word's end.
// kernel: lib/bitmap.c lib/random.c
#include "lib/bitmap.h"

#include "check.h"
#include "lib/math.h"
#include "lib/random.h"

#define BITS_MAX 260

static size_t
slow_find(const uint64_t *map, size_t bits, size_t from, bool value)
{
	for (size_t i = from; i < bits; i++)
		if (bitmap_test(map, i) == value)
			return i;
	return bits;
}

static void
check_all(const uint64_t *map, size_t bits)
{
	size_t count = 0;

	for (size_t i = 0; i < bits; i++)
		count += bitmap_test(map, i);
	CHECK_EQ(bitmap_count(map, bits), count);
	for (size_t from = 0; from <= bits + 1; from++) {
		CHECK_EQ(bitmap_find_set(map, bits, from), slow_find(map, bits, from, true));
		CHECK_EQ(bitmap_find_clear(map, bits, from), slow_find(map, bits, from, false));
	}
}

TEST(all_sizes)
{
	uint64_t map[BITMAP_WORDS(BITS_MAX)];
	struct random r;

	random_init(&r, 1);
	for (size_t bits = 0; bits <= BITS_MAX; bits++) {
		// Few bits, half of them, most of them; beyond the end as well.
		for (int kind = 0; kind < 5; kind++) {
			for (size_t i = 0; i < ARRAY_SIZE(map); i++) {
				uint64_t a = random_next(&r), b = random_next(&r);
				uint64_t c = random_next(&r), d = random_next(&r);
				map[i] = kind == 0   ? 0
					 : kind == 1 ? ~UINT64_C(0)
					 : kind == 2 ? a
					 : kind == 3 ? (a & b & c & d)
						     : (a | b | c | d);
			}
			check_all(map, bits);
		}
	}
}

// Nothing is read beyond the map's last word.
TEST(exact_memory)
{
	for (size_t bits = 1; bits <= 192; bits++) {
		uint64_t *map = __builtin_calloc(BITMAP_WORDS(bits), 8);
		CHECK_EQ(bitmap_find_set(map, bits, 0), bits);
		CHECK_EQ(bitmap_count(map, bits), 0);
		bitmap_set(map, bits - 1);
		CHECK_EQ(bitmap_find_set(map, bits, 0), bits - 1);
		bitmap_clear(map, bits - 1);
		CHECK_EQ(bitmap_find_clear(map, bits, 0), 0);
		__builtin_free(map);
	}
}

TEST(set_and_clear_one)
{
	uint64_t map[3] = { 0 };

	for (size_t i = 0; i < 192; i++) {
		bitmap_set(map, i);
		CHECK_EQ(map[i / 64], UINT64_C(1) << (i % 64));
		CHECK_EQ(bitmap_count(map, 192), 1);
		bitmap_clear(map, i);
		CHECK_EQ(map[i / 64], 0);
	}
}

TEST(lowest_bits)
{
	for (unsigned i = 0; i < 64; i++) {
		CHECK_EQ(lowest_bit(UINT64_C(1) << i), i);
		CHECK_EQ(lowest_bit(~UINT64_C(0) << i), i);
	}
}

TEST(rounding)
{
	CHECK_EQ(align_up(0, 8), 0);
	CHECK_EQ(align_up(1, 8), 8);
	CHECK_EQ(align_up(8, 8), 8);
	CHECK_EQ(align_down(15, 8), 8);
	CHECK_EQ(div_round_up(0, 3), 0);
	CHECK_EQ(div_round_up(7, 3), 3);
}
