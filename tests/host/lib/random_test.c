// SPDX-License-Identifier: MIT
// Random numbers: they repeat, and they look random.
// kernel: lib/random.c lib/bitmap.c
#include "lib/random.h"

#include <string.h>

#include "check.h"
#include "lib/bitmap.h"

TEST(same_seed_same_numbers)
{
	struct random a, b, c;

	random_init(&a, 42);
	random_init(&b, 42);
	random_init(&c, 43);
	for (int i = 0; i < 1000; i++) {
		uint64_t n = random_next(&a);
		CHECK_EQ(random_next(&b), n);
		CHECK(random_next(&c) != n);
	}
}

// The published SplitMix64's first numbers for seed 1234567.
TEST(known_numbers)
{
	static const uint64_t known[] = {
		UINT64_C(6457827717110365317),  UINT64_C(3203168211198807973),
		UINT64_C(9817491932198370423),  UINT64_C(4593380528125082431),
		UINT64_C(16408922859458223821),
	};
	struct random r;

	random_init(&r, 1234567);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		CHECK_EQ(random_next(&r), known[i]);
}

TEST(kernel_sequence_follows_the_seed)
{
	uint64_t first[16];

	random_set_seed(7);
	for (int i = 0; i < 16; i++)
		first[i] = random_u64();
	random_set_seed(7);
	for (int i = 0; i < 16; i++)
		CHECK_EQ(random_u64(), first[i]);
	random_set_seed(8);
	CHECK(random_u64() != first[0]);
}

TEST(bytes_of_any_length)
{
	for (size_t n = 0; n < 40; n++) {
		unsigned char a[48], b[48];
		memset(a, 0xee, sizeof(a));
		memset(b, 0xee, sizeof(b));
		random_set_seed(n);
		random_bytes(a, n);
		random_set_seed(n);
		random_bytes(b, n);
		CHECK(memcmp(a, b, sizeof(a)) == 0);
		CHECK_EQ(a[n], 0xee);
	}
}

// Each bit is set about half the time: 40 sigma would be a broken generator.
TEST(bits_are_even)
{
	struct random r;
	unsigned set[64] = { 0 };

	random_init(&r, 99);
	for (int i = 0; i < 10000; i++) {
		uint64_t n = random_next(&r);
		for (int bit = 0; bit < 64; bit++)
			set[bit] += n >> bit & 1;
	}
	for (int bit = 0; bit < 64; bit++)
		CHECK(set[bit] > 4700 && set[bit] < 5300);
}

// A hash of numbers in a row fills all buckets about evenly, by any bits.
TEST(hashes_spread)
{
	for (int shift = 0; shift <= 56; shift += 8) {
		unsigned bucket[256] = { 0 };
		for (uint64_t n = 0; n < 25600; n++)
			bucket[hash_u64(n * 4096) >> shift & 255]++;
		for (int i = 0; i < 256; i++)
			CHECK(bucket[i] > 40 && bucket[i] < 180);
	}
}

TEST(hash_of_bytes)
{
	char text[32] = "abc";

	CHECK_EQ(hash_bytes("abc", 3), hash_bytes(text, 3));
	CHECK(hash_bytes("abc", 3) != hash_bytes("abd", 3));
	CHECK(hash_bytes("abc", 3) != hash_bytes("abc", 2));
	CHECK(hash_bytes("ab", 2) != hash_bytes("ba", 2));
	CHECK(hash_bytes("", 0) != hash_bytes("\0", 1));
}
