// SPDX-License-Identifier: MIT
// kernel: sys/format.c lib/format.c
/*
 * System calls as text.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "check.h"
#include "fakes/fake.h"
#include "lib/string.h"
#include "sys/format.h"
#include "sys/syscall_table.h"

static struct syscall_entry
call_of(const char *name, uint8_t nargs, const uint8_t *types)
{
	return (struct syscall_entry){ .name = name, .nargs = nargs, .types = types };
}

// The program's memory: addresses are pointers here; below 4096 nothing is.
static int64_t
copy_string(char *to, uaddr_t from, uint64_t size)
{
	if (from < 4096)
		return -EFAULT;
	const char *s = (const char *)from;
	for (uint64_t i = 0; i < size; i++) {
		to[i] = s[i];
		if (s[i] == '\0')
			return (int64_t)i;
	}
	return -ENAMETOOLONG;
}

static int
copy_bytes(void *to, uaddr_t from, uint64_t n)
{
	if (from < 4096)
		return -EFAULT;
	memcpy(to, (const void *)from, n);
	return 0;
}

static const struct format_memory memory = { copy_string, copy_bytes };

static const char *
text_of(const char *name, const uint8_t *types, uint8_t nargs, const uint64_t args[6])
{
	static char text[256];
	struct syscall_entry call = call_of(name, nargs, types);

	size_t n = format_call(text, sizeof text, &call, args, &memory);
	CHECK_EQ(n, strlen(text));
	return text;
}

TEST(numbers)
{
	const uint8_t types[] = { SYSCALL_INT,   SYSCALL_UINT, SYSCALL_LONG,
				  SYSCALL_ULONG, SYSCALL_MODE, SYSCALL_FLAGS };
	const uint64_t args[6] = { UINT64_MAX, 0xfffffffff, UINT64_MAX, UINT64_MAX, 0755, 0x80000 };

	CHECK_STRING(text_of("f", types, 6, args),
		     "f(-1, 4294967295, -1, 18446744073709551615, 0755, 0x80000)");
	CHECK_STRING(text_of("g", types, 0, args), "g()");
}

TEST(directories_and_addresses)
{
	const uint8_t types[] = { SYSCALL_DIRFD, SYSCALL_DIRFD, SYSCALL_PTR, SYSCALL_PTR };
	const uint64_t args[6] = { (uint64_t)AT_FDCWD, 3, 0, 0x10a0 };

	CHECK_STRING(text_of("f", types, 4, args), "f(AT_FDCWD, 3, NULL, 0x10a0)");
}

TEST(strings)
{
	const uint8_t types[] = { SYSCALL_PATH, SYSCALL_STR };
	const char *path = "/a \"b\"\n\x01\xff";
	uint64_t args[6] = { (uint64_t)path, (uint64_t) "" };

	CHECK_STRING(text_of("f", types, 2, args), "f(\"/a \\\"b\\\"\\n\\x01\\xff\", \"\")");
	args[0] = 0;
	args[1] = 0x123;
	CHECK_STRING(text_of("f", types, 2, args), "f(NULL, 0x123)");
}

TEST(long_strings_are_cut)
{
	const uint8_t types[] = { SYSCALL_PATH };
	char path[200], expected[200];
	uint64_t args[6] = { (uint64_t)path };

	memset(path, 'x', sizeof path);
	path[sizeof path - 1] = '\0';
	memset(expected, 'x', sizeof expected);
	memcpy(expected, "f(\"", 3);
	memcpy(expected + 3 + FORMAT_BYTES_MAX, "\"...)", 6);
	CHECK_STRING(text_of("f", types, 1, args), expected);
}

TEST(buffers_have_a_length)
{
	const uint8_t types[] = { SYSCALL_FD, SYSCALL_BUF, SYSCALL_SIZE };
	char bytes[100];
	uint64_t args[6] = { 1, (uint64_t) "a\0b", 3 };

	CHECK_STRING(text_of("write", types, 3, args), "write(1, \"a\\x00b\", 3)");
	args[1] = 16;
	CHECK_STRING(text_of("write", types, 3, args), "write(1, 0x10, 3)");
	args[1] = 0;
	args[2] = 0;
	CHECK_STRING(text_of("write", types, 3, args), "write(1, NULL, 0)");
	memset(bytes, 'y', sizeof bytes);
	args[1] = (uint64_t)bytes;
	args[2] = sizeof bytes;
	const char *text = text_of("write", types, 3, args);
	CHECK(strlen(text) == strlen("write(1, \"\"..., 100)") + FORMAT_BYTES_MAX);
}

TEST(text_is_cut_to_its_room)
{
	const uint8_t types[] = { SYSCALL_PATH, SYSCALL_PATH };
	const uint64_t args[6] = { (uint64_t) "/some/path\n", (uint64_t) "/other" };
	struct syscall_entry call = call_of("rename", 2, types);
	char whole[256], text[256];

	size_t length = format_call(whole, sizeof whole, &call, args, &memory);
	for (size_t size = 1; size <= length + 1; size++) {
		memset(text, '#', sizeof text);
		size_t n = format_call(text, size, &call, args, &memory);
		CHECK(n < size);
		CHECK_EQ(text[n], '\0');
		CHECK_EQ(text[size], '#');
		CHECK_EQ(memcmp(text, whole, n), 0);
	}
}

static const char *
result_text(int64_t result)
{
	static char text[64];

	format_result(text, sizeof text, result);
	return text;
}

TEST(results)
{
	CHECK_STRING(result_text(0), " = 0");
	CHECK_STRING(result_text(12), " = 12");
	CHECK_STRING(result_text(-ENOENT), " = -2 ENOENT");
	CHECK_STRING(result_text(-EUCLEAN), " = -117 EUCLEAN");
	CHECK_STRING(result_text(-41), " = -41");
	CHECK_STRING(result_text(0x3f00001000), " = 0x3f00001000");
	CHECK_STRING(result_text(-4095), " = -4095");
	CHECK_STRING(result_text(-4096), " = 0xfffffffffffff000");
}
