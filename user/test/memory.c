// SPDX-License-Identifier: MIT
/*
 * Memory: the heap's end, anonymous mappings, rights, the stack, bad addresses.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/raw.h"
#include "lib/test.h"

#define PAGE ((size_t)4096)
#define MIB  ((size_t)1 << 20)
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *
map(size_t size)
{
	char *p = mmap(NULL, size, RW, ANON, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void
touch(volatile char *p)
{
	*p = 1;
}

// Volatile, or the compiler would see that these are bad.
static volatile char *volatile nowhere = (volatile char *)16;

static char *
page_of(const void *p)
{
	return (char *)((uintptr_t)p & ~(PAGE - 1));
}

static void
check_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			test_fail(__FILE__, __LINE__, "byte %zu is %#x, not 0", i, (unsigned)p[i]);
}

static void
heap_grows_with_zeros(void)
{
	char *start = sbrk(0);

	CHECK_EQ(sbrk(MIB), start);
	CHECK_EQ(sbrk(0), start + MIB);
	check_zero(start, MIB);
	memset(start, 0xff, MIB);
	CHECK_EQ(sbrk(1), start + MIB);
	start[MIB] = 1;
}

static void
heap_shrinks(void)
{
	char *start = page_of((char *)sbrk(0) + PAGE - 1);

	CHECK_EQ(brk(start + 16 * PAGE), 0);
	memset(start, 0xff, 16 * PAGE);
	CHECK_EQ(brk(start + PAGE), 0);
	touch(start);
	CHECK_DIES(SIGSEGV, touch(start + PAGE));
	CHECK_EQ(brk(start + 16 * PAGE), 0);
	CHECK_EQ((unsigned char)start[PAGE - 1], 0xff);
	check_zero(start + PAGE, 15 * PAGE);
}

static void
heap_has_a_bottom(void)
{
	char *end = sbrk(0);

	CHECK_EQ(RAW(SYS_brk, PAGE), end); // the call's way to say no
	CHECK_EQ(sbrk(0), end);
	CHECK_ERROR(sbrk((intptr_t)1 << 45), ENOMEM);
	CHECK_EQ(sbrk(0), end);
}

static void
mapping_is_zero(void)
{
	char *p = map(10 * PAGE + 5); // to whole pages

	CHECK_EQ((uintptr_t)p % PAGE, 0);
	check_zero(p, 11 * PAGE);
	memset(p, 1, 11 * PAGE);
	CHECK_EQ(munmap(p, 10 * PAGE + 5), 0);
	for (int i = 0; i < 11; i++)
		CHECK_DIES(SIGSEGV, touch(p + (size_t)i * PAGE));
	p = map(11 * PAGE);
	check_zero(p, 11 * PAGE);
}

static void
unmap_part(void)
{
	char *p = map(9 * PAGE);

	memset(p, 7, 9 * PAGE);
	CHECK_EQ(munmap(p + 3 * PAGE, 3 * PAGE), 0); // middle
	CHECK_EQ(munmap(p, PAGE), 0);                // start
	CHECK_EQ(munmap(p + 8 * PAGE, PAGE), 0);     // end
	for (size_t i = 0; i < 9; i++) {
		bool there = i == 1 || i == 2 || i == 6 || i == 7;
		if (there)
			CHECK_EQ(p[i * PAGE] + p[i * PAGE + PAGE - 1], 14);
		else
			CHECK_DIES(SIGSEGV, touch(p + i * PAGE));
	}
	CHECK_EQ(munmap(p, 9 * PAGE), 0); // holes do no harm
	CHECK_DIES(SIGSEGV, touch(p + PAGE));
	CHECK_EQ(munmap(p, 9 * PAGE), 0); // nor does nothing
}

static void
map_arguments(void)
{
	char *p = map(PAGE);

	CHECK_ERROR(mmap(NULL, 0, RW, ANON, -1, 0), EINVAL);
	CHECK_ERROR(mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
	CHECK_ERROR(mmap(NULL, (size_t)1 << 47, RW, ANON, -1, 0), ENOMEM);
	CHECK_ERROR(mmap(NULL, SIZE_MAX - 100, RW, ANON, -1, 0), ENOMEM);
	CHECK_ERROR(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
	CHECK_ERROR(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF);
	CHECK_ERROR(munmap(p + 1, PAGE), EINVAL);
	CHECK_ERROR(munmap(p, 0), EINVAL);
	CHECK_ERROR(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
	touch(p);
}

static void
map_fixed(void)
{
	char *p = map(5 * PAGE);

	memset(p, 3, 5 * PAGE);
	CHECK_EQ(mmap(p + PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0), p + PAGE);
	check_zero(p + PAGE, 2 * PAGE);
	CHECK_EQ(p[PAGE - 1], 3);
	CHECK_EQ(p[3 * PAGE], 3);
	CHECK_ERROR(mmap(p, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	CHECK_EQ(p[0], 3);
	CHECK_EQ(munmap(p, PAGE), 0);
	CHECK_EQ(mmap(p, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), p);
	// A wish is granted if there is room, and else is no error.
	CHECK_EQ(munmap(p, PAGE), 0);
	CHECK_EQ(mmap(p, PAGE, RW, ANON, -1, 0), p);
	char *other = mmap(p, PAGE, RW, ANON, -1, 0);
	CHECK(other != MAP_FAILED && other != p);
}

static void
rights(void)
{
	char *p = map(5 * PAGE);

	memset(p, 4, 5 * PAGE);
	CHECK_EQ(mprotect(p + PAGE, 2 * PAGE, PROT_READ), 0);
	CHECK_EQ(p[PAGE] + p[3 * PAGE - 1], 8);
	touch(p);
	touch(p + 3 * PAGE);
	CHECK_DIES(SIGSEGV, touch(p + PAGE));
	CHECK_DIES(SIGSEGV, touch(p + 3 * PAGE - 1));
	CHECK_EQ(mprotect(p, 5 * PAGE, PROT_NONE), 0);
	CHECK_DIES(SIGSEGV, (void)*(volatile char *)(p + 4 * PAGE));
	CHECK_EQ(mprotect(p, 5 * PAGE, RW), 0);
	touch(p + PAGE);
	CHECK_EQ(p[2 * PAGE], 4);
	CHECK_EQ(munmap(p + 2 * PAGE, PAGE), 0);
	CHECK_ERROR(mprotect(p, 5 * PAGE, PROT_READ), ENOMEM);
}

// Memory is there when it is touched, and not before: all of these are more
// than the machine has.
static void
memory_on_demand(void)
{
	const size_t size = 128 * MIB;
	char *part[8];

	for (size_t i = 0; i < 8; i++)
		part[i] = map(size);
	for (size_t at = 0; at < size; at += 4 * MIB) {
		for (size_t i = 0; i < 8; i++) {
			CHECK_EQ(part[i][at + 5], 0);
			part[i][at + 5] = (char)(at / MIB + i);
		}
	}
	for (size_t at = 0; at < size; at += 4 * MIB)
		for (size_t i = 0; i < 8; i++)
			CHECK_EQ(part[i][at + 5], (char)(at / MIB + i));
}

// A thousand small mappings, every other one removed, then the rest.
static void
many_mappings(void)
{
	static char *p[1000];

	for (int i = 0; i < 1000; i++) {
		// Different rights, or neighbours would become one.
		p[i] = mmap(NULL, PAGE, i % 2 ? RW : PROT_READ, ANON, -1, 0);
		CHECK(p[i] != MAP_FAILED);
		if (i % 2)
			touch(p[i]);
	}
	for (int i = 0; i < 1000; i += 2)
		CHECK_EQ(munmap(p[i], PAGE), 0);
	for (int i = 1; i < 1000; i += 2) {
		CHECK_EQ(p[i][0], 1);
		CHECK_EQ(munmap(p[i], PAGE), 0);
	}
}

static void
bad_addresses(void)
{
	CHECK_DIES(SIGSEGV, touch(NULL));
	CHECK_DIES(SIGSEGV, (void)*nowhere);
	CHECK_DIES(SIGSEGV, touch((char *)(uintptr_t)0x3fffffffff));
	CHECK_DIES(SIGSEGV, ((void (*)(void))(uintptr_t)nowhere)());
}

// The upper half is the kernel's; what is not canonical is nobody's.
static void
kernel_addresses(void)
{
	static const uint64_t addresses[] = {
		0x0000004000000000, 0x0000007ffffff000, 0x8000000000000000, 0xffffffc000000000,
		0xffffffc080200000, 0xffffffe800004000, 0xffffffff80000000, 0xffffffff80200000,
		0xfffffffffffff000, 0xffffffffffffffff,
	};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		CHECK_DIES(SIGSEGV, (void)*(volatile char *)addresses[i]);
		CHECK_DIES(SIGSEGV, touch((char *)addresses[i]));
		CHECK_DIES(SIGSEGV, ((void (*)(void))addresses[i])());
	}
}

static void
code_is_not_data(void)
{
	static const int constant = 5;
	char local[16] = { 0 };

	CHECK_DIES(SIGSEGV, touch((char *)(uintptr_t)code_is_not_data));
	CHECK_DIES(SIGSEGV, touch((char *)(uintptr_t)&constant));
	CHECK_DIES(SIGSEGV, ((void (*)(void))(uintptr_t)local)());
	char *p = map(PAGE);
	CHECK_DIES(SIGSEGV, ((void (*)(void))(uintptr_t)p)());
}

// Use the stack down to depth bytes below here.
__attribute__((noinline)) static size_t
descend(size_t depth)
{
	volatile char frame[2048];

	frame[0] = 1;
	size_t below = depth < sizeof(frame) ? 0 : descend(depth - sizeof(frame));
	return below + (size_t)frame[0];
}

static void
stack_grows(void)
{
	CHECK(descend(6 * MIB) > 0);
	pid_t pid = test_fork();
	if (pid == 0)
		_exit(descend(6 * MIB) > 0 ? 3 : 4);
	CHECK_EXITS(pid, 3);
}

static void
stack_has_a_limit(void)
{
	CHECK_DIES(SIGSEGV, descend(1024 * MIB));
}

static void
heap_and_mappings_apart(void)
{
	char *p = map(PAGE);
	char *heap = sbrk(0);
	char *low = heap < p ? heap : p;
	char *high = heap < p ? p : heap;

	CHECK((size_t)(high - low) > 64 * MIB);
}

// malloc() under a load of sizes.
static void
malloc_and_free(void)
{
	static struct {
		char *p;
		size_t n;
	} block[200];
	unsigned next = 1;

	for (unsigned turn = 0; turn < 20000; turn++) {
		next = next * 1103515245 + 12345;
		unsigned i = next / 65536 % 200;
		if (block[i].p != NULL) {
			CHECK(test_filled(block[i].p, block[i].n, i, 0));
			free(block[i].p);
			block[i].p = NULL;
			continue;
		}
		block[i].n = next / 7 % (i == 0 ? 300000 : 900);
		block[i].p = malloc(block[i].n);
		CHECK(block[i].p != NULL);
		test_fill(block[i].p, block[i].n, i, 0);
	}
}

static const struct test tests[] = {
	TEST(heap_grows_with_zeros),
	TEST(heap_shrinks),
	TEST(heap_has_a_bottom),
	TEST(mapping_is_zero),
	TEST(unmap_part),
	TEST(map_arguments),
	TEST(map_fixed),
	TEST(rights),
	TEST(memory_on_demand),
	TEST(many_mappings),
	TEST(bad_addresses),
	TEST_OF_FAWN(kernel_addresses),
	TEST(code_is_not_data),
	TEST(stack_grows),
	TEST(stack_has_a_limit),
	TEST(heap_and_mappings_apart),
	TEST(malloc_and_free),
};

TEST_MAIN(tests)
