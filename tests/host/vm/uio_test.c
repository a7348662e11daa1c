// SPDX-License-Identifier: MIT
// kernel: vm/uio.c vm/usercopy.c lib/random.c
// fakes: lock.c
/*
 * Transfers and user copies, over a user memory with holes.
 */
#include "abi/errno.h"
#include "arch/layout.h"
#include "arch/uaccess.h"
#include "check.h"
#include "lib/math.h"
#include "lib/random.h"
#include "lib/string.h"
#include "vm/uio.h"
#include "vm/usercopy.h"

// User memory: SIZE bytes at BASE, and the last ones below USER_TOP.  Bytes of
// which bad[] is set fault.
#define SIZE UINT64_C(4096)
#define BASE UINT64_C(0x10000)
#define HIGH (USER_TOP - 64)

static unsigned char low[SIZE], high[64];
static bool bad[SIZE];

// The byte at a user's address, or NULL.
static unsigned char *
user_byte(uaddr_t va)
{
	if (va >= BASE && va < BASE + SIZE)
		return bad[va - BASE] ? NULL : &low[va - BASE];
	return va >= HIGH && va < USER_TOP ? &high[va - HIGH] : NULL;
}

uint64_t
uaccess_copy_in(void *to, uaddr_t from, uint64_t n)
{
	CHECK(from < USER_TOP && n <= USER_TOP - from); // the caller has checked
	for (uint64_t i = 0; i < n; i++) {
		if (user_byte(from + i) == NULL)
			return n - i;
		((unsigned char *)to)[i] = *user_byte(from + i);
	}
	return 0;
}

uint64_t
uaccess_copy_out(uaddr_t to, const void *from, uint64_t n)
{
	CHECK(to < USER_TOP && n <= USER_TOP - to);
	for (uint64_t i = 0; i < n; i++) {
		if (user_byte(to + i) == NULL)
			return n - i;
		*user_byte(to + i) = ((const unsigned char *)from)[i];
	}
	return 0;
}

uint64_t
uaccess_zero(uaddr_t to, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		if (uaccess_copy_out(to + i, "", 1) != 0)
			return n - i;
	}
	return 0;
}

int64_t
uaccess_copy_string(char *to, uaddr_t from, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		if (uaccess_copy_in(to + i, from + i, 1) != 0)
			return -1;
		if (to[i] == '\0')
			return (int64_t)i;
	}
	return (int64_t)n;
}

// ---- User copies -------------------------------------------------------------

TEST(copies_outside_the_user_half_are_refused)
{
	char b[128] = "";
	uint64_t done;

	CHECK_EQ(copy_in(b, USER_TOP, 1), -EFAULT);
	CHECK_EQ(copy_in(b, USER_TOP - 1, 2), -EFAULT);
	CHECK_EQ(copy_in(b, UINT64_MAX, 1), -EFAULT);
	CHECK_EQ(copy_in(b, UINT64_MAX - 3, 8), -EFAULT);
	CHECK_EQ(copy_in(b, DIRECT_BASE + UINT64_C(0xffffffc000000000), 1), -EFAULT);
	CHECK_EQ(copy_out(USER_TOP - 4, b, 8), -EFAULT);
	CHECK_EQ(copy_out(HIGH, b, UINT64_MAX), -EFAULT);
	CHECK_EQ(zero_out(USER_TOP, 1), -EFAULT);
	CHECK_EQ(copy_in(b, HIGH, 64), 0);
	CHECK_EQ(copy_in_some(b, HIGH, 100, &done), -EFAULT);
	CHECK_EQ(done, 64);
	CHECK_EQ(copy_out_some(USER_TOP + 5, b, 100, &done), -EFAULT);
	CHECK_EQ(done, 0);
	CHECK(user_range(0, USER_TOP) && user_range(USER_TOP, 0));
	CHECK(!user_range(1, USER_TOP) && !user_range(UINT64_MAX, 1) && !user_range(5, UINT64_MAX));
}

TEST(nothing_can_be_copied_anywhere)
{
	uint64_t done = 5;

	CHECK_EQ(copy_in(NULL, UINT64_MAX, 0), 0);
	CHECK_EQ(copy_out(UINT64_MAX, NULL, 0), 0);
	CHECK_EQ(zero_out(UINT64_MAX, 0), 0);
	CHECK_EQ(copy_in_some(NULL, 0, 0, &done), 0);
	CHECK_EQ(done, 0);
}

TEST(strings_end_where_they_should)
{
	char b[16];

	memcpy(low, "hello", 6);
	CHECK_EQ(copy_in_string(b, BASE, 6), 5);
	CHECK_STRING(b, "hello");
	CHECK_EQ(copy_in_string(b, BASE, 5), -ENAMETOOLONG);
	CHECK_EQ(copy_in_string(b, BASE, 0), -ENAMETOOLONG);
	CHECK_EQ(copy_in_string(b, BASE + 5, 1), 0);
	CHECK_EQ(copy_in_string(b, 0, 16), -EFAULT);
	CHECK_EQ(copy_in_string(b, USER_TOP, 16), -EFAULT);
	CHECK_EQ(copy_in_string(b, UINT64_MAX, 16), -EFAULT);
	bad[3] = true;
	CHECK_EQ(copy_in_string(b, BASE, 16), -EFAULT);
	memset(high, 'x', sizeof(high));
	CHECK_EQ(copy_in_string(b, USER_TOP - 8, 16), -EFAULT); // runs out of the user half
	CHECK_EQ(copy_in_string(b, USER_TOP - 8, 8), -ENAMETOOLONG);
	high[63] = '\0';
	CHECK_EQ(copy_in_string(b, USER_TOP - 8, 16), 7);
}

// ---- Transfers ---------------------------------------------------------------

// A random transfer in random pieces, against the same done byte by byte.
static void
one_transfer(struct random *dice)
{
	static unsigned char file[1024], expected_file[1024], expected_low[SIZE];
	struct uio_part part[6];
	struct uio u;
	unsigned parts = 1 + (unsigned)(random_next(dice) % 6);
	enum uio_direction direction = random_next(dice) % 2 ? UIO_READ : UIO_WRITE;
	bool user = random_next(dice) % 2;
	uint64_t total = 0, moved = 0;

	for (unsigned i = 0; i < SIZE; i++)
		low[i] = expected_low[i] = (unsigned char)random_next(dice);
	for (unsigned i = 0; i < 1024; i++)
		file[i] = expected_file[i] = (unsigned char)random_next(dice);
	memset(bad, 0, sizeof(bad));
	if (user && random_next(dice) % 2)
		bad[random_next(dice) % SIZE] = true;
	for (unsigned i = 0; i < parts; i++) {
		uint64_t at = random_next(dice) % 3500, size = random_next(dice) % 4 * 50;
		part[i] = (struct uio_part){ user ? BASE + at : (uint64_t)&low[at], size };
		total += size;
	}
	uio_init_parts(&u, part, parts, direction, user ? UIO_USER : UIO_KERNEL, 10000);
	CHECK_EQ(u.left, total);

	// What should happen: byte by byte, until all is moved or one is bad.
	unsigned p = 0;
	uint64_t within = 0;
	int error = 0;
	while (moved < total && error == 0) {
		uint64_t piece = 1 + random_next(dice) % 200;
		bool zero = direction == UIO_READ && random_next(dice) % 4 == 0;
		uint64_t n = MIN(piece, total - moved), done = 0;
		for (; done < n; done++) {
			for (; within == part[p].size; p++)
				within = 0;
			uint64_t i = part[p].base - (user ? BASE : (uint64_t)low) + within;
			if (user && bad[i])
				break;
			if (direction == UIO_WRITE)
				expected_file[moved + done] = expected_low[i];
			else
				expected_low[i] = zero ? 0 : expected_file[moved + done];
			within++;
		}
		error = zero ? uio_zero(&u, piece) : uio_copy(&u, file + moved, piece);
		CHECK_EQ(error, done < n ? -EFAULT : 0);
		moved += done;
		CHECK_EQ(u.left, total - moved);
		CHECK_EQ(u.offset, 10000 + moved);
	}
	CHECK_EQ(memcmp(low, expected_low, SIZE), 0);
	CHECK_EQ(memcmp(file, expected_file, 1024), 0);
	if (error == 0)
		CHECK_EQ(uio_copy(&u, file, 10), 0); // nothing is left to do
}

TEST(random_transfers)
{
	struct random dice;

	random_init(&dice, 3);
	for (unsigned i = 0; i < 3000; i++)
		one_transfer(&dice);
}

TEST(one_part)
{
	struct uio_part part;
	struct uio u;

	uio_init(&u, &part, UIO_READ, UIO_USER, BASE, 10, 5);
	CHECK_EQ(uio_copy(&u, "0123456789abcdef", 16), 0);
	CHECK_EQ(memcmp(low, "0123456789\0", 11), 0);
	CHECK_EQ(u.left, 0);
	CHECK_EQ(u.offset, 15);
}
