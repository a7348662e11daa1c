// SPDX-License-Identifier: MIT
/*
 * Tests that run in the machine.
 *
 * A test program is a file user/test/SUBJECT.c: functions, and a table of them
 * at its end.  Each test runs in a process of its own, in an empty folder of
 * its own and in its own process group, for a bounded time; what it leaves
 * behind is killed and removed.  The program prints KTAP
 * (https://docs.kernel.org/dev-tools/ktap.html):
 *
 *	KTAP version 1
 *	1..2
 *	ok 1 - wait_without_children
 *	# process.c:40: waitpid(pid, &status, 0) == pid
 *	not ok 2 - exit_codes # exit status 99
 *
 * Usage: SUBJECT [-l] [-p] [TEST ...].  -l lists the names; -p leaves out what
 * is about Fawn alone, for a run of the same program on Linux.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum test_kind {
	TEST_LINUX, // what Linux does as well
	TEST_FAWN,  // Fawn's own limits and promises
};

struct test {
	const char *name;
	void (*run)(void);
	enum test_kind kind;
	unsigned seconds; // limit; 0: TEST_SECONDS
};

#define TEST_SECONDS 60
#define TEST(function)                             \
	{                                          \
#function, function, TEST_LINUX, 0 \
	}
#define TEST_OF_FAWN(function)                    \
	{                                         \
#function, function, TEST_FAWN, 0 \
	}
#define TEST_LONG(function, s)                     \
	{                                          \
#function, function, TEST_LINUX, s \
	}
#define TEST_OF_FAWN_LONG(function, s)            \
	{                                         \
#function, function, TEST_FAWN, s \
	}

int test_main(int argc, char **argv, const struct test *tests, size_t count);

#define TEST_MAIN(tests)                                                                   \
	int main(int argc, char **argv)                                                    \
	{                                                                                  \
		return test_main(argc, argv, (tests), sizeof(tests) / sizeof((tests)[0])); \
	}

// The status of a process whose check has failed.
#define TEST_FAILED 99

_Noreturn void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void test_equal(const char *file, int line, const char *what, long got, long expected);
void test_error(const char *file, int line, const char *what, long result, int got, int expected);
void test_ends(const char *file, int line, pid_t pid, bool by_signal, int value);

// End the process, saying what was seen, unless the condition holds.
#define CHECK(condition)                                                 \
	do {                                                             \
		if (!(condition))                                        \
			test_fail(__FILE__, __LINE__, "%s", #condition); \
	} while (0)
#define CHECK_EQ(got, expected) \
	test_equal(__FILE__, __LINE__, #got " == " #expected, (long)(got), (long)(expected))

// The call must return -1 with this errno.
#define CHECK_ERROR(call, error)                                                          \
	do {                                                                              \
		errno = 0;                                                                \
		long result_ = (long)(call);                                              \
		test_error(__FILE__, __LINE__, #call, result_, result_ == -1 ? errno : 0, \
			   (error));                                                      \
	} while (0)

// Wait for a child, which must exit with this status, or be killed by this
// signal.
#define CHECK_EXITS(pid, status) test_ends(__FILE__, __LINE__, (pid), false, (status))
#define CHECK_KILLED(pid, sig)   test_ends(__FILE__, __LINE__, (pid), true, (sig))

// The statement must kill the process that runs it.
#define CHECK_DIES(sig, statement)         \
	do {                               \
		pid_t pid_ = test_fork();  \
		if (pid_ == 0) {           \
			statement;         \
			_exit(0);          \
		}                          \
		CHECK_KILLED(pid_, (sig)); \
	} while (0)

// fork() that fails the test instead of returning -1.
pid_t test_fork(void);
// Run fn(arg) in a child, which exits with 0 after it.
pid_t test_child(void (*fn)(int), int arg);

uint64_t test_now_ns(void);
void test_sleep_ms(unsigned ms);

// Use the processor until it has taken this much of its time.
void test_spin_ms(unsigned ms);

// How this program was called, as an absolute path.
extern const char *test_self;

// Bytes that differ from seed to seed and from place to place; the first place
// is at.
void test_fill(void *to, size_t n, unsigned seed, size_t at);
bool test_filled(const void *bytes, size_t n, unsigned seed, size_t at);

// Make a file of n such bytes, or check one.
void test_make_file(const char *path, size_t n, unsigned seed);
void test_check_file(const char *path, size_t n, unsigned seed);

// All of n bytes, or the test fails.
void test_write_all(int fd, const void *bytes, size_t n);
void test_read_all(int fd, void *bytes, size_t n);
