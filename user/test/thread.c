// SPDX-License-Identifier: MIT
/*
 * Threads by clone: what is shared, how they end, and what other harts see of
 * a change of the address space.  Called with "-x" this is what was executed.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/raw.h"
#include "lib/test.h"

#define PAGE       ((size_t)4096)
#define STACK_SIZE 16384
#define THREADS    20
#define THREAD_FLAGS                                                                        \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static char stacks[THREADS][STACK_SIZE] __attribute__((aligned(16)));
static volatile int tids[THREADS]; // cleared by the kernel when the thread ends
static volatile int stop, arrived;

static void
start(int i, int (*fn)(void *), void *arg)
{
	int *tid = (int *)&tids[i];

	CHECK(raw_clone(fn, stacks[i] + STACK_SIZE, THREAD_FLAGS, arg, tid, NULL, tid) > 0);
}

static void
join(int i)
{
	while (tids[i] != 0)
		sched_yield();
}

static int seen_pid, seen_tid;
static int shared_fd;

static int
look_around(void *arg)
{
	seen_pid = (int)RAW(SYS_getpid);
	seen_tid = (int)RAW(SYS_gettid);
	shared_fd = (int)RAW(SYS_openat, AT_FDCWD, "f", O_RDWR | O_CREAT, 0666);
	RAW(SYS_mkdirat, AT_FDCWD, "d", 0777);
	RAW(SYS_chdir, "d");
	*(int *)arg = 42;
	return 0;
}

static void
much_is_shared(void)
{
	int result = 0;
	char cwd[512];

	start(0, look_around, &result);
	int tid = tids[0];
	join(0);
	CHECK_EQ(result, 42);
	CHECK_EQ(seen_pid, getpid());
	CHECK(seen_tid != seen_pid);
	CHECK(tid == seen_tid || tid == 0); // it may have ended by then
	CHECK_EQ(write(shared_fd, "x", 1), 1);
	CHECK(getcwd(cwd, sizeof(cwd)) != NULL);
	CHECK_EQ(strcmp(cwd + strlen(cwd) - 2, "/d"), 0);
	CHECK_ERROR(wait(NULL), ECHILD); // threads are not children
}

static int counter;

static int
count(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		__atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
		if (i % 100 == 0)
			RAW(SYS_sched_yield);
	}
	(void)arg;
	return 0;
}

static void
many_threads(void)
{
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < THREADS; i++)
			start(i, count, NULL);
		for (int i = 0; i < THREADS; i++)
			join(i);
	}
	CHECK_EQ(counter, 5 * THREADS * 1000);
}

static int
map_and_unmap(void *arg)
{
	for (int i = 0; i < 100; i++) {
		volatile char *p =
			(volatile char *)RAW(SYS_mmap, NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (size_t j = 0; j < 3; j++) {
			if (p[j * PAGE] != 0)
				RAW(SYS_exit_group, TEST_FAILED);
			p[j * PAGE] = 1;
		}
		RAW(SYS_munmap, p, 3 * PAGE);
	}
	(void)arg;
	return 0;
}

static void
mapping_at_once(void)
{
	for (int i = 0; i < 8; i++)
		start(i, map_and_unmap, NULL);
	for (int i = 0; i < 8; i++)
		join(i);
}

static int
exit_group_7(void *arg)
{
	(void)arg;
	RAW(SYS_exit_group, 7);
	return 0;
}

static int
wait_for_ever(void *arg)
{
	struct timespec t = { 1000000, 0 };

	(void)arg;
	for (;;)
		RAW(SYS_nanosleep, &t, NULL);
	return 0;
}

static int
spin_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		__atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
	return 0;
}

static void
one_ends_all(void)
{
	pid_t pid = test_fork();

	if (pid == 0) {
		start(0, wait_for_ever, NULL);
		start(1, spin_for_ever, NULL);
		start(2, exit_group_7, NULL);
		for (;;)
			pause();
	}
	CHECK_EXITS(pid, 7);
}

static int
exit_group_later(void *arg)
{
	struct timespec t = { 0, 50000000 };

	(void)arg;
	RAW(SYS_nanosleep, &t, NULL);
	RAW(SYS_exit_group, 9);
	return 0;
}

// The first thread may end before the others; the process goes on.
static void
first_thread_ends_first(void)
{
	pid_t pid = test_fork();

	if (pid == 0) {
		start(0, exit_group_later, NULL);
		RAW(SYS_exit, 3);
	}
	CHECK_EXITS(pid, 9);
	pid = test_fork();
	if (pid == 0) {
		start(0, count, NULL);
		RAW(SYS_exit, 0);
	}
	CHECK_EXITS(pid, 0);
}

static void
kill_threads(void)
{
	for (int i = 0; i < 10; i++) {
		pid_t pid = test_fork();
		if (pid == 0) {
			start(0, spin_for_ever, NULL);
			start(1, wait_for_ever, NULL);
			start(2, spin_for_ever, NULL);
			spin_for_ever(NULL);
		}
		test_sleep_ms(5);
		kill(pid, SIGKILL);
		CHECK_KILLED(pid, SIGKILL);
	}
}

static int
fault(void *arg)
{
	*(volatile char *)arg = 1;
	return 0;
}

static void
fault_in_a_thread(void)
{
	pid_t pid = test_fork();

	if (pid == 0) {
		start(0, fault, (void *)16);
		for (;;)
			pause();
	}
	CHECK_KILLED(pid, SIGSEGV);
}

static int
execute(void *arg)
{
	char *argv[] = { (char *)(uintptr_t)test_self, "-x", arg, NULL };

	RAW(SYS_execve, test_self, argv, NULL);
	RAW(SYS_exit_group, TEST_FAILED);
	return 0;
}

// A thread that executes a program is alone then, under the process's number.
static void
exec_in_a_thread(void)
{
	char text[16];
	pid_t pid = test_fork();

	if (pid == 0) {
		snprintf(text, sizeof(text), "%d", getpid());
		start(0, wait_for_ever, NULL);
		start(1, spin_for_ever, NULL);
		start(2, execute, text);
		for (;;)
			pause();
	}
	CHECK_EXITS(pid, 25);
}

static void
bad_flags(void)
{
	char *top = stacks[0] + STACK_SIZE;

	CHECK_EQ(raw_clone(count, top, CLONE_THREAD | CLONE_VM, NULL, NULL, NULL, NULL), -EINVAL);
	CHECK_EQ(raw_clone(count, top, CLONE_SIGHAND, NULL, NULL, NULL, NULL), -EINVAL);
}

static int
store_and_exit(void *arg)
{
	*(volatile int *)arg = 5;
	return 33;
}

// A process that shares memory is still a child.
static void
process_with_shared_memory(void)
{
	int value = 0;
	long pid = raw_clone(store_and_exit, stacks[0] + STACK_SIZE, CLONE_VM | SIGCHLD, &value,
			     NULL, NULL, NULL);

	CHECK(pid > 0);
	CHECK_EXITS((pid_t)pid, 33);
	CHECK_EQ(value, 5);
	// With CLONE_VFORK the parent goes on when the child has ended.
	value = 0;
	pid = raw_clone(store_and_exit, stacks[0] + STACK_SIZE, CLONE_VM | CLONE_VFORK | SIGCHLD,
			&value, NULL, NULL, NULL);
	CHECK_EQ(value, 5);
	CHECK_EXITS((pid_t)pid, 33);
}

// ---- Changes of the address space, seen by other harts ----------------------

static volatile uint64_t *counting;

static int
keep_counting(void *arg)
{
	(void)arg;
	while (!stop) {
		counting[0]++;
		arrived = 1;
	}
	return 0;
}

static void
park(int sig)
{
	(void)sig;
	while (!stop)
		RAW(SYS_sched_yield);
	RAW(SYS_exit, 0); // this thread
}

// When mprotect() has returned, no hart stores to the page any more.
static void
protection_counts_at_once(void)
{
	signal(SIGSEGV, park);
	for (int round = 0; round < 10; round++) {
		counting = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
				0);
		stop = arrived = 0;
		for (int i = 0; i < 2; i++)
			start(i, keep_counting, NULL);
		while (!arrived)
			sched_yield();
		test_spin_ms(2);
		CHECK_EQ(mprotect((void *)(uintptr_t)counting, PAGE, PROT_READ), 0);
		uint64_t now = counting[0];
		test_spin_ms(10);
		CHECK_EQ(counting[0], now);
		stop = 1;
		for (int i = 0; i < 2; i++)
			join(i);
	}
}

// Nor does a store of another thread reach a child that fork() has made.
static void
fork_takes_a_still_picture(void)
{
	counting = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 2; i++)
		start(i, keep_counting, NULL);
	while (!arrived)
		sched_yield();
	for (int round = 0; round < 15; round++) {
		pid_t pid = test_fork();
		if (pid == 0) {
			uint64_t now = counting[0];
			test_spin_ms(10);
			_exit(counting[0] == now ? 0 : 1);
		}
		CHECK_EXITS(pid, 0);
	}
	stop = 1;
	for (int i = 0; i < 2; i++)
		join(i);
}

static int
keep_reading(void *arg)
{
	uint64_t last = 0;

	(void)arg;
	while (!stop) {
		uint64_t now = counting[0];
		if (now < last)
			RAW(SYS_exit_group, TEST_FAILED); // an old page
		last = now;
		arrived = 1;
	}
	return 0;
}

// A page in place of another is seen by all: the number in it never goes back.
static void
replaced_page_is_seen(void)
{
	counting = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 2; i++)
		start(i, keep_reading, NULL);
	while (!arrived)
		sched_yield();
	stop = 0;
	for (uint64_t n = 1; n < 200; n++) {
		counting[0] = n;
		pid_t pid = n % 10 == 0 ? test_fork() : -1; // so that the next store copies
		if (pid == 0)
			_exit(counting[0] == n ? 0 : 1);
		counting[0] = n + 1;
		CHECK_EQ(counting[0], n + 1);
		if (pid > 0)
			CHECK_EXITS(pid, 0);
	}
	stop = 1;
	for (int i = 0; i < 2; i++)
		join(i);
}

static const struct test tests[] = {
	TEST(much_is_shared),
	TEST(many_threads),
	TEST(mapping_at_once),
	TEST(one_ends_all),
	TEST(first_thread_ends_first),
	TEST(kill_threads),
	TEST(fault_in_a_thread),
	TEST(exec_in_a_thread),
	TEST(bad_flags),
	TEST(process_with_shared_memory),
	TEST(protection_counts_at_once),
	TEST(fork_takes_a_still_picture),
	TEST(replaced_page_is_seen),
};

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "-x") == 0)
		return getpid() == atoi(argv[2]) && gettid() == getpid() ? 25 : TEST_FAILED;
	return test_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
