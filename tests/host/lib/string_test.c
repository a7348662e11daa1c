// SPDX-License-Identifier: MIT
/*
 * Strings and memory: every alignment and length against plain loops, with
 * guard bytes on both sides; and in blocks of their exact size, where the
 * sanitizer sees a read that goes too far.
 */
// kernel: lib/string.c lib/random.c
#include "fakes/string_names.h"
#include "lib/string.h"

#include <stdlib.h>

#include "abi/errno.h"
#include "check.h"
#include "lib/random.h"

#define SPACE      320
#define LENGTHS    200
#define ALIGNMENTS 8

static unsigned char space[SPACE], expected[SPACE];

static void
fill_both(uint64_t seed)
{
	struct random r;

	random_init(&r, seed);
	for (size_t i = 0; i < SPACE; i++)
		space[i] = expected[i] = (unsigned char)random_next(&r);
}

static void
check_space(const char *what, size_t to, size_t from, size_t n)
{
	for (size_t i = 0; i < SPACE; i++)
		if (space[i] != expected[i])
			check_fail(__FILE__, __LINE__, "%s to %zu from %zu length %zu: byte %zu",
				   what, to, from, n, i);
}

TEST(memset_everywhere)
{
	for (size_t to = 16; to < 16 + ALIGNMENTS; to++) {
		for (size_t n = 0; n < LENGTHS; n++) {
			fill_both(n);
			for (size_t i = 0; i < n; i++)
				expected[to + i] = 0x9c;
			CHECK_EQ(memset(space + to, 0x1239c, n), space + to);
			check_space("memset", to, 0, n);
		}
	}
}

TEST(memcpy_everywhere)
{
	unsigned char source[SPACE];

	for (size_t i = 0; i < SPACE; i++)
		source[i] = (unsigned char)(i * 7 + 3);
	for (size_t to = 16; to < 16 + ALIGNMENTS; to++) {
		for (size_t from = 16; from < 16 + ALIGNMENTS; from++) {
			for (size_t n = 0; n < LENGTHS; n++) {
				fill_both(n);
				for (size_t i = 0; i < n; i++)
					expected[to + i] = source[from + i];
				CHECK_EQ(memcpy(space + to, source + from, n), space + to);
				check_space("memcpy", to, from, n);
			}
		}
	}
}

// All distances up to two words in both directions, and far apart.
TEST(memmove_overlapping)
{
	for (size_t to = 32; to < 64; to++) {
		for (size_t from = to - 24; from <= to + 24; from++) {
			for (size_t n = 0; n < LENGTHS; n += n < 40 ? 1 : 7) {
				unsigned char copy[SPACE];
				fill_both(n);
				for (size_t i = 0; i < n; i++)
					copy[i] = expected[from + i];
				for (size_t i = 0; i < n; i++)
					expected[to + i] = copy[i];
				CHECK_EQ(memmove(space + to, space + from, n), space + to);
				check_space("memmove", to, from, n);
			}
		}
	}
}

// Blocks that end where the allocation ends, at every alignment of both.
TEST(no_access_outside)
{
	for (size_t n = 0; n < 48; n++) {
		for (size_t a = 0; a < ALIGNMENTS; a++) {
			for (size_t b = 0; b < ALIGNMENTS; b++) {
				unsigned char *to = malloc(a + n);
				unsigned char *from = malloc(b + n);
				for (size_t i = 0; i < n; i++)
					from[b + i] = (unsigned char)i;
				memcpy(to + a, from + b, n);
				CHECK_EQ(memcmp(to + a, from + b, n), 0);
				memmove(to + a, from + b, n);
				memset(to + a, 1, n);
				CHECK_EQ(memchr(to + a, 2, n), NULL);
				free(to);
				free(from);
			}
		}
	}
}

TEST(memcmp_every_difference)
{
	unsigned char a[64], b[64];

	for (size_t at = 0; at < ALIGNMENTS; at++) {
		for (size_t n = 0; n < 40; n++) {
			memset(a, 0x80, sizeof(a));
			memset(b, 0x80, sizeof(b));
			CHECK_EQ(memcmp(a + at, b + at, n), 0);
			CHECK_EQ(memcmp(a + at, b, n), 0);
			for (size_t i = 0; i < n; i++) {
				b[at + i] = 0x7f;
				CHECK(memcmp(a + at, b + at, n) > 0);
				CHECK(memcmp(b + at, a + at, n) < 0);
				CHECK_EQ(memcmp(a + at, b + at, i), 0);
				b[at + i] = 0x80;
			}
			b[at + n] = 0;
			CHECK_EQ(memcmp(a + at, b + at, n), 0);
		}
	}
	// The first difference decides, not the last.
	memcpy(a, "abcdefgh", 8);
	memcpy(b, "bbcdefga", 8);
	CHECK(memcmp(a, b, 8) < 0);
}

TEST(memchr_finds_first)
{
	const char *s = "abcabc\xff";

	CHECK_EQ(memchr(s, 'b', 7), s + 1);
	CHECK_EQ(memchr(s, 'c', 2), NULL);
	CHECK_EQ(memchr(s, 0xff, 7), s + 6);
	CHECK_EQ(memchr(s, 'a' + 256, 7), s);
	CHECK_EQ(memchr(s, 0, 7), NULL);
	CHECK_EQ(memchr(s, 0, 8), s + 7);
}

TEST(lengths)
{
	CHECK_EQ(strlen(""), 0);
	CHECK_EQ(strlen("abcdefghij"), 10);
	CHECK_EQ(strnlen("abc", 10), 3);
	CHECK_EQ(strnlen("abc", 2), 2);
	CHECK_EQ(strnlen("abc", 0), 0);
	const char no_end[3] = { 'a', 'b', 'c' };
	CHECK_EQ(strnlen(no_end, 3), 3);
}

TEST(comparisons)
{
	CHECK_EQ(strcmp("", ""), 0);
	CHECK_EQ(strcmp("abc", "abc"), 0);
	CHECK(strcmp("abc", "abd") < 0);
	CHECK(strcmp("abc", "ab") > 0);
	CHECK(strcmp("ab", "abc") < 0);
	CHECK(strcmp("\x80", "\x7f") > 0); // as unsigned characters
	CHECK_EQ(strncmp("abcx", "abcy", 3), 0);
	CHECK(strncmp("abcx", "abcy", 4) < 0);
	CHECK_EQ(strncmp("a", "b", 0), 0);
	CHECK_EQ(strncmp("ab", "ab", 9), 0);
	const char no_end[2] = { 'a', 'b' };
	CHECK_EQ(strncmp(no_end, "abc", 2), 0);
}

TEST(searches)
{
	const char *s = "a/b/c";

	CHECK_EQ(strchr(s, '/'), s + 1);
	CHECK_EQ(strrchr(s, '/'), s + 3);
	CHECK_EQ(strchr(s, 'x'), NULL);
	CHECK_EQ(strrchr(s, 'x'), NULL);
	CHECK_EQ(strchr(s, 0), s + 5);
	CHECK_EQ(strrchr(s, 0), s + 5);
	CHECK_EQ(strrchr("", 'a'), NULL);
}

TEST(string_copy_cuts)
{
	char to[8] = "#######";

	CHECK_EQ(string_copy(to, "abc", 8), 0);
	CHECK_STRING(to, "abc");
	CHECK_EQ(to[4], '#');
	CHECK_EQ(string_copy(to, "abcdefg", 8), 0);
	CHECK_STRING(to, "abcdefg");
	CHECK_EQ(string_copy(to, "12345678", 8), -ENAMETOOLONG);
	CHECK_STRING(to, "1234567");
	CHECK_EQ(string_copy(to, "", 1), 0);
	CHECK_STRING(to, "");
	CHECK_EQ(string_copy(to, "a", 1), -ENAMETOOLONG);
	CHECK_STRING(to, "");
	to[0] = '#';
	CHECK_EQ(string_copy(to, "a", 0), -ENAMETOOLONG);
	CHECK_EQ(to[0], '#');
}

static void
check_number(const char *text, unsigned base, int error, uint64_t value)
{
	uint64_t n = 4711;

	if (string_to_number(text, base, &n) != error || n != (error ? 4711 : value))
		check_fail(__FILE__, __LINE__, "\"%s\" base %u gives %llu", text, base,
			   (unsigned long long)n);
}

TEST(numbers)
{
	check_number("0", 0, 0, 0);
	check_number("0", 10, 0, 0);
	check_number("00", 0, 0, 0);
	check_number("42", 0, 0, 42);
	check_number("0x2A", 0, 0, 42);
	check_number("0X2a", 16, 0, 42);
	check_number("2a", 16, 0, 42);
	check_number("052", 0, 0, 42);
	check_number("052", 8, 0, 42);
	check_number("052", 10, 0, 52);
	check_number("18446744073709551615", 0, 0, UINT64_MAX);
	check_number("0xffffffffffffffff", 0, 0, UINT64_MAX);
	check_number("01777777777777777777777", 0, 0, UINT64_MAX);
	check_number("0000000000000000000000000000000000000001", 10, 0, 1);
}

TEST(numbers_refused)
{
	static const char *const bad[] = { "",   " ",  "x",   "-1",  "+1", "1 ", " 1",
					   "0x", "08", "0xg", "1.5", "1k", "--", "12a" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_number(bad[i], 0, -EINVAL, 0);
	check_number("8", 8, -EINVAL, 0);
	check_number("0x10", 10, -EINVAL, 0);
	check_number("18446744073709551616", 0, -ERANGE, 0);
	check_number("0x10000000000000000", 0, -ERANGE, 0);
	check_number("02000000000000000000000", 0, -ERANGE, 0);
	check_number("99999999999999999999999999", 0, -ERANGE, 0);
	check_number("99999999999999999999999999x", 0, -EINVAL, 0);
}
