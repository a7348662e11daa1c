// SPDX-License-Identifier: MIT
/*
 * Running tests: see test.h.
 *
 * The parent waits by looking again and again, since a wait with a limit would
 * need an alarm, which is itself something to be tested.  All is written by
 * dprintf(), unbuffered, so that a fork copies no pending output.
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tree.h"

const char *test_self;

void
test_fail(const char *file, int line, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	dprintf(1, "# %s:%d: %s\n", strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line, text);
	_exit(TEST_FAILED);
}

void
test_equal(const char *file, int line, const char *what, long got, long expected)
{
	if (got != expected)
		test_fail(file, line, "%s: got %ld (%#lx), not %ld (%#lx); errno %d", what, got,
			  (unsigned long)got, expected, (unsigned long)expected, errno);
}

void
test_error(const char *file, int line, const char *what, long result, int got, int expected)
{
	if (result != -1)
		test_fail(file, line, "%s: returned %ld, not an error", what, result);
	if (got != expected)
		test_fail(file, line, "%s: error %d (%s), not %d (%s)", what, got, strerror(got),
			  expected, strerror(expected));
}

// How a process has ended, in words.
static const char *
describe(int status, char *to, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(to, size, "killed by signal %d", WTERMSIG(status));
	else if (WIFEXITED(status))
		snprintf(to, size, "exit status %d", WEXITSTATUS(status));
	else
		snprintf(to, size, "wait status %#x", (unsigned)status);
	return to;
}

void
test_ends(const char *file, int line, pid_t pid, bool by_signal, int value)
{
	char how[40];
	int status;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got == -1 && errno == EINTR);
	if (got != pid)
		test_fail(file, line, "waitpid(%d) returned %d, errno %d", pid, got, errno);
	bool right = by_signal ? WIFSIGNALED(status) && WTERMSIG(status) == value
			       : WIFEXITED(status) && WEXITSTATUS(status) == value;
	if (!right)
		test_fail(file, line, "child: %s, not %s %d", describe(status, how, sizeof(how)),
			  by_signal ? "killed by signal" : "exit status", value);
}

pid_t
test_fork(void)
{
	pid_t pid = fork();

	if (pid == -1)
		test_fail("fork", 0, "%s", strerror(errno));
	return pid;
}

pid_t
test_child(void (*fn)(int), int arg)
{
	pid_t pid = test_fork();

	if (pid == 0) {
		fn(arg);
		_exit(0);
	}
	return pid;
}

static uint64_t
clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t
test_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

void
test_sleep_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) == -1 && errno == EINTR)
		continue;
}

void
test_spin_ms(unsigned ms)
{
	uint64_t end = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + ms * UINT64_C(1000000);

	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end)
		continue;
}

static unsigned char
byte_at(unsigned seed, size_t at)
{
	uint64_t n = (uint64_t)seed * 0x9e3779b97f4a7c15 + at / 8 * 0xbf58476d1ce4e5b9;

	n = (n ^ n >> 31) * 0x94d049bb133111eb;
	return (unsigned char)(n >> (at % 8 * 8));
}

void
test_fill(void *to, size_t n, unsigned seed, size_t at)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)to)[i] = byte_at(seed, at + i);
}

bool
test_filled(const void *bytes, size_t n, unsigned seed, size_t at)
{
	for (size_t i = 0; i < n; i++)
		if (((const unsigned char *)bytes)[i] != byte_at(seed, at + i))
			return false;
	return true;
}

void
test_write_all(int fd, const void *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);
		CHECK(done > 0);
		bytes = (const char *)bytes + done;
		n -= (size_t)done;
	}
}

void
test_read_all(int fd, void *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = read(fd, bytes, n);
		CHECK(done > 0);
		bytes = (char *)bytes + done;
		n -= (size_t)done;
	}
}

void
test_make_file(const char *path, size_t n, unsigned seed)
{
	char part[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	CHECK(fd >= 0);
	for (size_t at = 0; at < n; at += sizeof(part)) {
		size_t size = n - at < sizeof(part) ? n - at : sizeof(part);
		test_fill(part, size, seed, at);
		test_write_all(fd, part, size);
	}
	CHECK_EQ(close(fd), 0);
}

void
test_check_file(const char *path, size_t n, unsigned seed)
{
	char part[4096];
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0);
	for (size_t at = 0; at < n; at += sizeof(part)) {
		size_t size = n - at < sizeof(part) ? n - at : sizeof(part);
		test_read_all(fd, part, size);
		CHECK(test_filled(part, size, seed, at));
	}
	CHECK_EQ(read(fd, part, 1), 0);
	CHECK_EQ(close(fd), 0);
}

// Wait for a test until its time is over; then its group is killed.
static void
await(pid_t pid, unsigned seconds, char *reason, size_t size)
{
	uint64_t end = test_now_ns() + seconds * UINT64_C(1000000000);
	int status = 0;
	pid_t got;

	while ((got = waitpid(pid, &status, WNOHANG)) == 0 && test_now_ns() < end)
		test_sleep_ms(2);
	if (got == 0) {
		snprintf(reason, size, "not over after %u s", seconds);
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
	} else if (got == -1) {
		snprintf(reason, size, "waitpid: %s", strerror(errno));
	} else if (status != 0) {
		describe(status, reason, size);
	}
	kill(-pid, SIGKILL); // whom the test has left behind
}

// Run one test; reason is why it failed, or "".
static void
run(const struct test *t, char *reason, size_t size)
{
	char folder[64];

	reason[0] = '\0';
	snprintf(folder, sizeof(folder), "/tmp/%s.%d", t->name, getpid());
	if (mkdir(folder, 0777) == -1) {
		snprintf(reason, size, "mkdir %s: %s", folder, strerror(errno));
		return;
	}
	pid_t pid = fork();
	if (pid == -1) {
		snprintf(reason, size, "fork: %s", strerror(errno));
	} else if (pid == 0) {
		setpgid(0, 0);
		CHECK_EQ(chdir(folder), 0);
		t->run();
		_exit(0);
	} else {
		setpgid(pid, pid);
		await(pid, t->seconds ? t->seconds : TEST_SECONDS, reason, size);
	}
	if (tree_remove(folder) == -1 && reason[0] == '\0')
		snprintf(reason, size, "%s can't be removed: %s", folder, strerror(errno));
}

struct choice {
	bool portable;
	char **names;
	int count; // 0: all
};

static bool
chosen(const struct choice *c, const struct test *t)
{
	if (c->portable && t->kind != TEST_LINUX)
		return false;
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->names[i], t->name) == 0)
			return true;
	return c->count == 0;
}

static const char *
absolute(const char *path)
{
	char folder[512];
	char *result;

	if (path[0] == '/' || getcwd(folder, sizeof(folder)) == NULL)
		return path;
	result = malloc(strlen(folder) + strlen(path) + 2);
	if (result == NULL)
		return path;
	strcpy(result, folder);
	strcat(result, "/");
	return strcat(result, path);
}

int
test_main(int argc, char **argv, const struct test *tests, size_t count)
{
	struct choice c = { 0 };
	bool list = false;
	int option;
	unsigned total = 0, number = 0, failed = 0;

	test_self = absolute(argv[0]);
	while ((option = getopt(argc, argv, "lp")) != -1) {
		if (option == '?') {
			dprintf(2, "usage: %s [-l] [-p] [TEST ...]\n", argv[0]);
			return 2;
		}
		list |= option == 'l';
		c.portable |= option == 'p';
	}
	c.names = argv + optind;
	c.count = argc - optind;

	for (size_t i = 0; i < count; i++)
		total += chosen(&c, &tests[i]);
	if (!list)
		dprintf(1, "KTAP version 1\n1..%u\n", total);
	for (size_t i = 0; i < count; i++) {
		char reason[160];
		if (!chosen(&c, &tests[i]))
			continue;
		if (list) {
			dprintf(1, "%s\n", tests[i].name);
			continue;
		}
		run(&tests[i], reason, sizeof(reason));
		failed += reason[0] != '\0';
		dprintf(1, "%sok %u - %s%s%s\n", reason[0] ? "not " : "", ++number, tests[i].name,
			reason[0] ? " # " : "", reason);
	}
	return failed > 0 || total == 0 ? 1 : 0;
}
