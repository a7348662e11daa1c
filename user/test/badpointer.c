// SPDX-License-Identifier: MIT
/*
 * Bad addresses for every call that takes one: each must answer EFAULT, leave
 * the kernel alive, and change nothing.
 *
 * A row names the call, its arguments, which of them is the pointer and what
 * the kernel does with it.  From that follow the addresses to try.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/raw.h"
#include "lib/test.h"

#define PAGE ((size_t)4096)

enum use {
	STRING, // is read up to a null byte
	INPUT,  // size bytes are read
	OUTPUT, // size bytes are written
};

struct call {
	const char *name;
	long number;
	long args[6];
	int pointer; // which argument
	enum use use;
	size_t size;
	bool null_is_fine;
};

enum { FILE_FD = 50, DIR_FD, FULL_PIPE, FULL_PIPE_END }; // what prepare() opens

static char *text;      // a page that may be read
static char *last_page; // one before an unmapped page
static const char *path = "f";

// Addresses at which nothing may be done.
static const uint64_t nowhere[] = {
	0x10,
	0x0000003ffffff000, // below Fawn's end of user addresses
	0x0000004000000000, // at it
	0x0000800000000000, // not canonical
	0xffffffc000000000, // the kernel's direct map
	0xffffffff80200000, // its code
	0xffffffffffffffff,
};

#define P 0 // stands for the pointer

static const struct call calls[] = {
	{ "getcwd", SYS_getcwd, { P, 512 }, 0, OUTPUT, 30, false },
	{ "mknodat", SYS_mknodat, { AT_FDCWD, P, S_IFREG }, 1, STRING, 0, false },
	{ "mkdirat", SYS_mkdirat, { AT_FDCWD, P, 0777 }, 1, STRING, 0, false },
	{ "unlinkat", SYS_unlinkat, { AT_FDCWD, P }, 1, STRING, 0, false },
	{ "symlinkat to", SYS_symlinkat, { P, AT_FDCWD, (long)"s" }, 0, STRING, 0, false },
	{ "symlinkat", SYS_symlinkat, { (long)"x", AT_FDCWD, P }, 2, STRING, 0, false },
	{ "linkat from", SYS_linkat, { AT_FDCWD, P, AT_FDCWD, (long)"l" }, 1, STRING, 0, false },
	{ "linkat to", SYS_linkat, { AT_FDCWD, (long)"f", AT_FDCWD, P }, 3, STRING, 0, false },
	{ "umount2", SYS_umount2, { P, 0 }, 0, STRING, 0, false },
	{ "mount at", SYS_mount, { (long)"none", P, (long)"tmpfs" }, 1, STRING, 0, false },
	{ "truncate", SYS_truncate, { P, 5 }, 0, STRING, 0, false },
	{ "faccessat", SYS_faccessat, { AT_FDCWD, P, F_OK }, 1, STRING, 0, false },
	{ "chdir", SYS_chdir, { P }, 0, STRING, 0, false },
	{ "fchmodat", SYS_fchmodat, { AT_FDCWD, P, 0 }, 1, STRING, 0, false },
	{ "fchownat", SYS_fchownat, { AT_FDCWD, P, 0, 0, 0 }, 1, STRING, 0, false },
	{ "openat", SYS_openat, { AT_FDCWD, P, O_RDWR | O_CREAT, 0666 }, 1, STRING, 0, false },
	{ "pipe2", SYS_pipe2, { P, 0 }, 0, OUTPUT, 8, false },
	{ "getdents64", SYS_getdents64, { DIR_FD, P, 512 }, 1, OUTPUT, 24, false },
	{ "read", SYS_read, { FILE_FD, P, 100 }, 1, OUTPUT, 100, false },
	{ "read pipe", SYS_read, { FULL_PIPE, P, 100 }, 1, OUTPUT, 100, false },
	{ "write", SYS_write, { FILE_FD, P, 100 }, 1, INPUT, 100, false },
	{ "write pipe", SYS_write, { FULL_PIPE_END, P, 100 }, 1, INPUT, 100, false },
	{ "readv", SYS_readv, { FILE_FD, P, 2 }, 1, INPUT, 32, false },
	{ "writev", SYS_writev, { FILE_FD, P, 2 }, 1, INPUT, 32, false },
	{ "pread64", SYS_pread64, { FILE_FD, P, 100, 0 }, 1, OUTPUT, 100, false },
	{ "pwrite64", SYS_pwrite64, { FILE_FD, P, 100, 0 }, 1, INPUT, 100, false },
	{ "readlinkat", SYS_readlinkat, { AT_FDCWD, P, (long)"x", 1 }, 1, STRING, 0, false },
	{ "readlinkat to", SYS_readlinkat, { AT_FDCWD, (long)"link", P, 9 }, 2, OUTPUT, 6, false },
	{ "newfstatat", SYS_newfstatat, { AT_FDCWD, (long)"f", P, 0 }, 2, OUTPUT, 128, false },
	{ "newfstatat at", SYS_newfstatat, { AT_FDCWD, P, P, 0 }, 1, STRING, 0, false },
	{ "fstat", SYS_fstat, { FILE_FD, P }, 1, OUTPUT, 128, false },
	{ "utimensat", SYS_utimensat, { AT_FDCWD, (long)"f", P, 0 }, 2, INPUT, 32, true },
	{ "nanosleep", SYS_nanosleep, { P, 0 }, 0, INPUT, 16, false },
	{ "clock_gettime", SYS_clock_gettime, { CLOCK_MONOTONIC, P }, 1, OUTPUT, 16, false },
	{ "clock_getres", SYS_clock_getres, { CLOCK_MONOTONIC, P }, 1, OUTPUT, 16, true },
	{ "clock_nanosleep", SYS_clock_nanosleep, { 1, 0, P, 0 }, 2, INPUT, 16, false },
	{ "rt_sigsuspend", SYS_rt_sigsuspend, { P, 8 }, 0, INPUT, 8, false },
	{ "rt_sigaction", SYS_rt_sigaction, { SIGUSR1, P, 0, 8 }, 1, INPUT, 24, true },
	{ "rt_sigaction old", SYS_rt_sigaction, { SIGUSR1, 0, P, 8 }, 2, OUTPUT, 24, true },
	{ "rt_sigprocmask", SYS_rt_sigprocmask, { SIG_BLOCK, P, 0, 8 }, 1, INPUT, 8, true },
	{ "rt_sigprocmask old", SYS_rt_sigprocmask, { 0, 0, P, 8 }, 2, OUTPUT, 8, true },
	{ "rt_sigpending", SYS_rt_sigpending, { P, 8 }, 0, OUTPUT, 8, false },
	{ "uname", SYS_uname, { P }, 0, OUTPUT, 390, false },
	{ "prctl", SYS_prctl, { PR_GET_NAME, P }, 1, OUTPUT, 16, false },
	{ "prctl set", SYS_prctl, { PR_SET_NAME, P }, 1, STRING, 0, false },
	{ "sysinfo", SYS_sysinfo, { P }, 0, OUTPUT, 112, false },
	{ "execve", SYS_execve, { P, 0, 0 }, 0, STRING, 0, false },
	{ "execve argv", SYS_execve, { (long)"p", P, 0 }, 1, INPUT, 16, true },
	{ "execve envp", SYS_execve, { (long)"p", 0, P }, 2, INPUT, 16, true },
	{ "renameat2", SYS_renameat2, { AT_FDCWD, P, AT_FDCWD, (long)"r", 0 }, 1, STRING, 0, false },
	{ "renameat2 to", SYS_renameat2, { AT_FDCWD, (long)"f", AT_FDCWD, P }, 3, STRING, 0, false },
	{ "getrandom", SYS_getrandom, { P, 100, 0 }, 0, OUTPUT, 100, false },
};

#undef P

static void
prepare(void)
{
	int p[2];

	test_make_file("f", 200, 1);
	test_make_file("p", 200, 1);
	CHECK_EQ(chmod("p", 0777), 0);
	CHECK_EQ(symlink("target", "link"), 0);
	CHECK_EQ(dup2(open("f", O_RDWR), FILE_FD), FILE_FD);
	CHECK_EQ(dup2(open(".", O_RDONLY), DIR_FD), DIR_FD);
	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(dup2(p[0], FULL_PIPE), FULL_PIPE);
	CHECK_EQ(dup2(p[1], FULL_PIPE_END), FULL_PIPE_END);
	char *map =
		mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(map != MAP_FAILED);
	text = map;
	last_page = map + PAGE;
	memset(last_page, 'x', PAGE);
	CHECK_EQ(munmap(map + 2 * PAGE, PAGE), 0);
	CHECK_EQ(mprotect(text, PAGE, PROT_READ), 0);
}

static long
call_with(const struct call *c, uint64_t address)
{
	long a[6];

	// What is read from must hold something, and be where it was.
	CHECK_EQ(lseek(FILE_FD, 0, SEEK_SET), 0);
	CHECK_EQ(lseek(DIR_FD, 0, SEEK_SET), 0);
	if (c->args[0] == FULL_PIPE && c->pointer == 1)
		test_write_all(FULL_PIPE_END, path, 1);
	memcpy(a, c->args, sizeof(a));
	a[c->pointer] = (long)address;
	if (c->number == SYS_newfstatat && c->pointer == 1)
		a[2] = (long)(uintptr_t)last_page;
	return RAW(c->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void
expect_fault(const struct call *c, uint64_t address, const char *what)
{
	long result = call_with(c, address);

	if (result != -EFAULT)
		test_fail(__FILE__, __LINE__, "%s with %s address %#lx: %ld", c->name, what,
			  (unsigned long)address, result);
}

static void
addresses_of_nothing(void)
{
	prepare();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (size_t j = 0; j < sizeof(nowhere) / sizeof(nowhere[0]); j++)
			expect_fault(&calls[i], nowhere[j], "bad");
		if (!calls[i].null_is_fine)
			expect_fault(&calls[i], 0, "null");
	}
}

static void
read_only_memory(void)
{
	prepare();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].use != OUTPUT)
			continue;
		expect_fault(&calls[i], (uint64_t)(uintptr_t)text, "read-only");
		expect_fault(&calls[i], (uint64_t)(uintptr_t)read_only_memory, "code");
	}
	for (size_t i = 0; i < PAGE; i++)
		CHECK_EQ(text[i], 0);
}

// The first part of what is asked for is there, the rest is not.
static void
across_the_end(void)
{
	prepare();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const struct call *c = &calls[i];
		size_t there = c->use == STRING ? 3 : c->size / 2 & ~(size_t)3;
		uint64_t address = (uint64_t)(uintptr_t)last_page + PAGE - there;
		bool transfer = c->number == SYS_read || c->number == SYS_write ||
				c->number == SYS_pread64 || c->number == SYS_pwrite64 ||
				c->number == SYS_getrandom;
		memset(last_page, 'x', PAGE);
		long result = call_with(c, address);
		// A read or write may have done the part that can be done.
		if (result != -EFAULT && !(transfer && result > 0 && result <= (long)there))
			test_fail(__FILE__, __LINE__, "%s across the end: %ld", c->name, result);
	}
}

// Lists of parts with one bad part.
static void
bad_parts(void)
{
	char good[10];
	struct iovec parts[2] = { { good, sizeof(good) }, { (void *)0x10, 10 } };

	prepare();
	CHECK_EQ(RAW(SYS_readv, FILE_FD, parts, 2), 10);
	CHECK(test_filled(good, 10, 1, 0));
	CHECK_EQ(lseek(FILE_FD, 0, SEEK_CUR), 10);
	parts[0].iov_base = (void *)0x20;
	CHECK_EQ(RAW(SYS_readv, FILE_FD, parts, 2), -EFAULT);
	CHECK_EQ(RAW(SYS_writev, FILE_FD, parts, 2), -EFAULT);
	CHECK_EQ(lseek(FILE_FD, 0, SEEK_CUR), 10);
}

static void
bad_argument_strings(void)
{
	char *good = "x";
	char *bad[] = { good, (char *)0x10, NULL };

	prepare();
	CHECK_EQ(RAW(SYS_execve, test_self, bad, NULL), -EFAULT);
	CHECK_EQ(RAW(SYS_execve, test_self, NULL, bad), -EFAULT);
	memset(last_page, 'a', PAGE); // no null byte before the end
	bad[1] = last_page;
	CHECK_EQ(RAW(SYS_execve, test_self, bad, NULL), -EFAULT);
}

// A call that fails so leaves no descriptor behind, and no child unnoticed.
static void
nothing_is_lost(void)
{
	prepare();
	int next = dup(0);
	close(next);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(RAW(SYS_pipe2, 0x10, 0), -EFAULT);
	CHECK_EQ(dup(0), next);
	pid_t pid = test_fork();
	if (pid == 0)
		_exit(6);
	long result = RAW(SYS_wait4, pid, 0x10, 0, 0);
	CHECK_EQ(result, -EFAULT);
}

static const struct test tests[] = {
	TEST(addresses_of_nothing), TEST(read_only_memory), TEST(across_the_end), TEST(bad_parts),
	TEST(bad_argument_strings), TEST(nothing_is_lost),
};

TEST_MAIN(tests)
