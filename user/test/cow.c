// SPDX-License-Identifier: MIT
/*
 * Memory after fork: each side sees what was there, and its own stores.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/test.h"

#define PAGE  ((size_t)4096)
#define PAGES 64

static char data[PAGES * PAGE] __attribute__((aligned(4096)));
static int go[2];

static void
wait_to_go(void)
{
	char c;

	CHECK_EQ(read(go[0], &c, 1), 1);
}

static void
let_go(void)
{
	CHECK_EQ(write(go[1], "g", 1), 1);
}

static void
begin(void)
{
	CHECK_EQ(pipe(go), 0);
	test_fill(data, sizeof(data), 1, 0);
}

static void
parent_writes(void)
{
	begin();
	pid_t pid = test_fork();
	if (pid == 0) {
		wait_to_go();
		_exit(test_filled(data, sizeof(data), 1, 0) ? 0 : 1);
	}
	test_fill(data, sizeof(data), 2, 0);
	let_go();
	CHECK_EXITS(pid, 0);
	CHECK(test_filled(data, sizeof(data), 2, 0));
}

static void
child_writes(void)
{
	begin();
	pid_t pid = test_fork();
	if (pid == 0) {
		test_fill(data, sizeof(data), 2, 0);
		_exit(test_filled(data, sizeof(data), 2, 0) ? 0 : 1);
	}
	CHECK_EXITS(pid, 0);
	CHECK(test_filled(data, sizeof(data), 1, 0));
}

// The page that only one holds any more is written in place; and after the
// next fork it is shared again.
static void
again_and_again(void)
{
	begin();
	for (unsigned round = 1; round < 20; round++) {
		pid_t pid = test_fork();
		if (pid == 0) {
			CHECK(test_filled(data, sizeof(data), round, 0));
			test_fill(data, sizeof(data) / 2, 99, 0);
			_exit(0);
		}
		if (round % 2)
			CHECK_EXITS(pid, 0);
		test_fill(data, sizeof(data), round + 1, 0);
		if (round % 2 == 0)
			waitpid(pid, NULL, 0);
		CHECK(test_filled(data, sizeof(data), round + 1, 0));
	}
}

static void
three_generations(void)
{
	begin();
	pid_t child = test_fork();
	if (child == 0) {
		test_fill(data, 4 * PAGE, 2, 0);
		pid_t grandchild = test_fork();
		if (grandchild == 0) {
			test_fill(data + 2 * PAGE, 4 * PAGE, 3, 2 * PAGE);
			CHECK(test_filled(data, 2 * PAGE, 2, 0));
			CHECK(test_filled(data + 2 * PAGE, 4 * PAGE, 3, 2 * PAGE));
			CHECK(test_filled(data + 6 * PAGE, 4 * PAGE, 1, 6 * PAGE));
			_exit(0);
		}
		CHECK_EXITS(grandchild, 0);
		CHECK(test_filled(data, 4 * PAGE, 2, 0));
		CHECK(test_filled(data + 4 * PAGE, 4 * PAGE, 1, 4 * PAGE));
		_exit(0);
	}
	CHECK_EXITS(child, 0);
	CHECK(test_filled(data, sizeof(data), 1, 0));
}

// The kernel's own stores are stores: read(), pread(), fstat() and so on into
// a shared page leave the other side alone.
static void
store_by_pipe(void)
{
	int p[2];

	CHECK_EQ(pipe(p), 0);
	test_write_all(p[1], "1234567890", 10);
	test_read_all(p[0], data + PAGE - 5, 10);
}

static void
store_by_file(void)
{
	int fd = open("f", O_RDONLY);

	CHECK(fd >= 0);
	CHECK_EQ(pread(fd, data + 1, 3 * PAGE, 0), 3 * PAGE);
	close(fd);
}

static void
store_by_stat(void)
{
	CHECK_EQ(stat("f", (struct stat *)(void *)(data + 2 * PAGE)), 0);
}

static void
store_by_wait(void)
{
	pid_t pid = test_fork();

	if (pid == 0)
		_exit(77);
	CHECK_EQ(waitpid(pid, (int *)(void *)data, 0), pid);
}

static void
store_by_getcwd(void)
{
	CHECK(getcwd(data, PAGE) == data);
}

static void
kernel_stores(void)
{
	static void (*const stores[])(void) = { store_by_pipe, store_by_file, store_by_stat,
						store_by_wait, store_by_getcwd };

	begin();
	test_make_file("f", 4 * PAGE, 5);
	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
		// In the child.
		test_fill(data, sizeof(data), 1, 0);
		pid_t pid = test_fork();
		if (pid == 0) {
			stores[i]();
			_exit(test_filled(data, sizeof(data), 1, 0) ? 1 : 0);
		}
		CHECK_EXITS(pid, 0);
		CHECK(test_filled(data, sizeof(data), 1, 0));
		// In the parent.
		pid = test_fork();
		if (pid == 0) {
			wait_to_go();
			_exit(test_filled(data, sizeof(data), 1, 0) ? 0 : 1);
		}
		stores[i]();
		let_go();
		CHECK_EXITS(pid, 0);
		CHECK(!test_filled(data, sizeof(data), 1, 0));
	}
}

static void
heap_stack_and_mappings(void)
{
	char local[3 * PAGE];
	char *heap = malloc(3 * PAGE);
	char *mapped =
		mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *all[] = { local, heap, mapped };

	for (int i = 0; i < 3; i++)
		test_fill(all[i], 3 * PAGE, 7, 0);
	pid_t pid = test_fork();
	if (pid == 0) {
		for (int i = 0; i < 3; i++) {
			CHECK(test_filled(all[i], 3 * PAGE, 7, 0));
			test_fill(all[i], 3 * PAGE, 8, 0);
		}
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	for (int i = 0; i < 3; i++)
		CHECK(test_filled(all[i], 3 * PAGE, 7, 0));
}

// Pages never touched before the fork are zero on both sides, and apart.
static void
untouched_pages(void)
{
	char *p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK_EQ(p[0], 0); // read, but not written
	pid_t pid = test_fork();
	if (pid == 0) {
		for (size_t i = 0; i < 8 * PAGE; i++)
			CHECK_EQ(p[i], 0);
		memset(p, 1, 8 * PAGE);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	for (size_t i = 0; i < 8 * PAGE; i++)
		CHECK_EQ(p[i], 0);
}

// What was read-only before the fork is so after it, in both.
static void
rights_do_not_grow(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	p[0] = 1;
	CHECK_EQ(mprotect(p, PAGE, PROT_READ), 0);
	pid_t pid = test_fork();
	if (pid == 0) {
		CHECK_DIES(SIGSEGV, *(volatile char *)p = 2);
		CHECK_EQ(mprotect(p, PAGE, PROT_READ | PROT_WRITE), 0);
		p[0] = 3;
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	CHECK_DIES(SIGSEGV, *(volatile char *)p = 2);
	CHECK_EQ(p[0], 1);
}

// Parents and children that store into the same pages at the same time, on
// several harts.
static void
scribble(int who)
{
	for (int round = 0; round < 20; round++) {
		test_fill(data, 16 * PAGE, (unsigned)who, 0);
		CHECK(test_filled(data, 16 * PAGE, (unsigned)who, 0));
		pid_t pid = test_fork();
		if (pid == 0) {
			data[round * PAGE % sizeof(data)]++;
			_exit(0);
		}
		test_fill(data, PAGE, (unsigned)who + 100, 0);
		CHECK_EXITS(pid, 0);
	}
}

static void
all_at_once(void)
{
	pid_t pid[6];

	begin();
	for (int i = 0; i < 6; i++)
		pid[i] = test_child(scribble, i + 10);
	for (int i = 0; i < 6; i++)
		CHECK_EXITS(pid[i], 0);
	CHECK(test_filled(data, sizeof(data), 1, 0));
}

static const struct test tests[] = {
	TEST(parent_writes),     TEST(child_writes),       TEST(again_and_again),
	TEST(three_generations), TEST(kernel_stores),      TEST(heap_stack_and_mappings),
	TEST(untouched_pages),   TEST(rights_do_not_grow), TEST(all_at_once),
};

TEST_MAIN(tests)
