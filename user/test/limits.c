// SPDX-License-Identifier: MIT
/*
 * To the limits and back: descriptors, files, processes, memory, the disk.  What
 * runs out is an error for who asks, and all is as before when it is given
 * back.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/test.h"

#define MIB ((size_t)1 << 20)

static void
descriptors_run_out(void)
{
	int p[2], first = dup(0), last = first, fd;

	CHECK(first > 0);
	while ((fd = dup(0)) >= 0) {
		CHECK_EQ(fd, last + 1); // always the lowest
		last = fd;
		CHECK(last < 100000);
	}
	CHECK_EQ(errno, EMFILE);
	CHECK(last >= 200);
	CHECK_ERROR(open("/", O_RDONLY), EMFILE);
	CHECK_ERROR(open("new", O_RDWR | O_CREAT, 0666), EMFILE);
	CHECK_ERROR(access("new", F_OK), ENOENT); // and no file was made
	CHECK_ERROR(pipe(p), EMFILE);
	close(last);
	CHECK_ERROR(pipe(p), EMFILE); // it needs two
	CHECK_EQ(dup(0), last);
	CHECK_ERROR(fcntl(0, F_DUPFD, 1 << 30), EINVAL);
	CHECK_ERROR(dup2(0, 1 << 30), EBADF);
	CHECK_ERROR(dup2(0, -1), EBADF);
	pid_t pid = test_fork();
	if (pid == 0) {
		CHECK_ERROR(dup(0), EMFILE);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	for (fd = first; fd <= last; fd++)
		CHECK_EQ(close(fd), 0);
	CHECK_EQ(pipe(p), 0);
}

static void
hold_descriptors(int fd)
{
	while (dup(0) >= 0)
		continue;
	int error = errno;
	char c;
	test_write_all(fd, &error, sizeof(error));
	(void)!read(0, &c, 1); // until the other end is closed
}

// Many processes, each with all the descriptors that it can have.
static void
files_of_all_processes(void)
{
	int hold[2], tell[2], error;
	pid_t pid[16];

	CHECK_EQ(pipe(hold), 0);
	CHECK_EQ(pipe(tell), 0);
	for (int i = 0; i < 16; i++) {
		pid[i] = test_fork();
		if (pid[i] == 0) {
			close(hold[1]);
			CHECK_EQ(dup2(hold[0], 0), 0);
			hold_descriptors(tell[1]);
			_exit(0);
		}
	}
	close(hold[0]);
	for (int i = 0; i < 16; i++) {
		test_read_all(tell[0], &error, sizeof(error));
		CHECK(error == EMFILE || error == ENFILE || error == ENOMEM);
	}
	close(hold[1]);
	for (int i = 0; i < 16; i++)
		CHECK_EXITS(pid[i], 0);
}

// One process after the other opens new files until the system has no more.
static void
open_files_run_out(void)
{
	int hold[2], tell[2], error = 0, n = 0;
	pid_t pid[100];
	char c;

	CHECK_EQ(pipe(hold), 0);
	CHECK_EQ(pipe(tell), 0);
	for (; n < 100 && error != ENFILE && error != ENOMEM; n++) {
		pid[n] = test_fork();
		if (pid[n] == 0) {
			close(hold[1]);
			while (open("/dev/null", O_RDONLY) >= 0)
				continue;
			error = errno;
			test_write_all(tell[1], &error, sizeof(error));
			(void)!read(hold[0], &c, 1);
			_exit(0);
		}
		test_read_all(tell[0], &error, sizeof(error));
		CHECK(error == EMFILE || error == ENFILE || error == ENOMEM);
	}
	close(hold[1]);
	for (int i = 0; i < n; i++)
		CHECK_EXITS(pid[i], 0);
	int fd = open("/dev/null", O_RDONLY);
	CHECK(fd >= 0);
}

// 12 processes with 12 open files each (too much for a small kernel's table).
static void
open_twelve(int who)
{
	char name[32];
	int fd[12];

	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "f%d.%d", who, i);
		fd[i] = open(name, O_RDWR | O_CREAT, 0666);
		CHECK(fd[i] >= 0);
		test_write_all(fd[i], name, sizeof(name));
	}
	test_sleep_ms(100);
	for (int i = 0; i < 12; i++) {
		char text[32];
		snprintf(name, sizeof(name), "f%d.%d", who, i);
		CHECK_EQ(pread(fd[i], text, sizeof(text), 0), sizeof(text));
		CHECK_EQ(strcmp(text, name), 0);
		close(fd[i]);
	}
}

static void
twelve_by_twelve_files(void)
{
	pid_t pid[12];

	for (int i = 0; i < 12; i++)
		pid[i] = test_child(open_twelve, i);
	for (int i = 0; i < 12; i++)
		CHECK_EXITS(pid[i], 0);
}

static void
read_own_file(int who)
{
	char name[16];

	snprintf(name, sizeof(name), "f%d", who);
	for (int i = 0; i < 5; i++)
		test_check_file(name, 30000, (unsigned)who);
}

static void
forty_readers_of_forty_files(void)
{
	char name[16];
	pid_t pid[40];

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		test_make_file(name, 30000, (unsigned)i);
	}
	for (int i = 0; i < 40; i++)
		pid[i] = test_child(read_own_file, i);
	for (int i = 0; i < 40; i++)
		CHECK_EXITS(pid[i], 0);
}

static unsigned
processes_now(void)
{
	struct sysinfo info;

	CHECK_EQ(sysinfo(&info), 0);
	return info.procs;
}

// Every process forks as often as it can.
static void
multiply(int fd)
{
	for (;;) {
		pid_t pid = fork();
		if (pid == -1) {
			int error = errno;
			(void)!write(fd, &error, sizeof(error));
			for (;;)
				pause();
		}
	}
}

static void
fork_bomb(void)
{
	unsigned before = processes_now();
	int tell[2], error;

	CHECK_EQ(pipe(tell), 0);
	pid_t bomb = test_fork();
	if (bomb == 0) {
		setpgid(0, 0);
		multiply(tell[1]);
	}
	setpgid(bomb, bomb);
	test_read_all(tell[0], &error, sizeof(error));
	CHECK(error == EAGAIN || error == ENOMEM);
	CHECK(processes_now() > before + 30);
	while (kill(-bomb, SIGKILL) == 0) {
		waitpid(bomb, NULL, WNOHANG);
		test_sleep_ms(10);
	}
	// Init waits for the orphans; then all are gone and forking works.
	for (int i = 0; i < 1000 && processes_now() > before; i++)
		test_sleep_ms(10);
	CHECK(processes_now() <= before);
	for (int i = 0; i < 20; i++) {
		pid_t pid = test_fork();
		if (pid == 0)
			_exit(i);
		CHECK_EXITS(pid, i);
	}
}

static size_t
free_memory(void)
{
	struct sysinfo info;

	CHECK_EQ(sysinfo(&info), 0);
	return (size_t)(info.freeram + info.bufferram) * info.mem_unit;
}

// Take memory page by page, more than there is.
static void
eat_memory(int unused)
{
	(void)unused;
	for (;;) {
		char *p = mmap(NULL, 16 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);
		if (p == MAP_FAILED)
			_exit(42);
		for (size_t at = 0; at < 16 * MIB; at += 4096)
			p[at] = 1;
	}
}

// One process is told, or ends; others go on, and all memory comes back.
static void
memory_runs_out(void)
{
	for (int round = 0; round < 3; round++) {
		size_t before = free_memory();
		pid_t pid = test_child(eat_memory, 0);
		int status;
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 42);
		CHECK(free_memory() + 2 * MIB > before);
		test_make_file("f", 100000, 1);
		test_check_file("f", 100000, 1);
	}
}

static void
work_meanwhile(int who)
{
	char name[16];

	snprintf(name, sizeof(name), "w%d", who);
	for (unsigned i = 0; i < 30; i++) {
		// Any of these may fail for want of memory, but with that error.
		int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0666);
		CHECK(fd >= 0 || errno == ENOMEM || errno == ENFILE);
		if (fd >= 0) {
			char text[5000];
			test_fill(text, sizeof(text), i, 0);
			ssize_t n = write(fd, text, sizeof(text));
			CHECK(n > 0 || errno == ENOMEM);
			close(fd);
		}
		pid_t pid = fork();
		if (pid == 0)
			_exit(5);
		CHECK(pid > 0 || errno == ENOMEM || errno == EAGAIN);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

// Several at once eat what there is while others work.
static void
hunger(void)
{
	size_t before = free_memory();
	int status;

	for (int i = 0; i < 4; i++)
		test_child(eat_memory, 0);
	for (int i = 0; i < 4; i++)
		test_child(work_meanwhile, i);
	// Whoever is ended for want of memory is ended by a signal; nobody
	// fails otherwise.
	for (int i = 0; i < 8; i++) {
		CHECK(wait(&status) > 0);
		CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 42 || WEXITSTATUS(status) == 0);
	}
	CHECK(free_memory() + 2 * MIB > before);
}

// Write to a file until the disk is full; how much that was.
static size_t
fill_disk(const char *name)
{
	static char part[65536];
	size_t total = 0;
	ssize_t n;
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	CHECK(fd >= 0);
	do {
		test_fill(part, sizeof(part), 3, total);
		n = write(fd, part, sizeof(part));
		total += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	CHECK_EQ(errno, ENOSPC);
	while (write(fd, part, 1) == 1)
		total++; // what is left of the last block
	close(fd);
	return total;
}

static void
disk_runs_out(void)
{
	struct stat st;
	size_t sizes[2];

	test_make_file("small", 5000, 1);
	CHECK_EQ(mkdir("d", 0777), 0);
	for (int round = 0; round < 2; round++) {
		sizes[round] = fill_disk("big");
		CHECK_EQ(stat("big", &st), 0);
		CHECK_EQ(st.st_size, sizes[round]);
		// What needs a block fails, whole; what is there is unharmed.
		CHECK_ERROR(mkdir("e", 0777), ENOSPC);
		CHECK_ERROR(access("e", F_OK), ENOENT);
		test_check_file("small", 5000, 1);
		int fd = open("small", O_RDWR);
		CHECK_EQ(pwrite(fd, "x", 1, 100), 1); // its block is there already
		CHECK_EQ(pwrite(fd, "y", 1, 1 << 20), -1);
		CHECK_EQ(errno, ENOSPC);
		CHECK_EQ(pwrite(fd, "\0", 0, 100), 0);
		CHECK_EQ(fstat(fd, &st), 0);
		CHECK_EQ(st.st_size, 5000);
		close(fd);
		test_make_file("small", 0, 1);
		CHECK_EQ(unlink("big"), 0);
		test_make_file("small", 5000, 1);
	}
	CHECK(sizes[1] + 65536 > sizes[0]);
	CHECK(sizes[0] + 65536 > sizes[1]);
}

// Several writers meet the end at the same time.
static void
fill_with_others(int who)
{
	char name[16];

	snprintf(name, sizeof(name), "big%d", who);
	fill_disk(name);
}

static void
disk_runs_out_for_several(void)
{
	pid_t pid[4];

	for (int i = 0; i < 4; i++)
		pid[i] = test_child(fill_with_others, i);
	for (int i = 0; i < 4; i++)
		CHECK_EXITS(pid[i], 0);
	for (int i = 0; i < 4; i++) {
		char name[16];
		snprintf(name, sizeof(name), "big%d", i);
		CHECK_EQ(unlink(name), 0);
	}
	test_make_file("f", 1 << 20, 2);
	test_check_file("f", 1 << 20, 2);
}

static const struct test tests[] = {
	TEST_OF_FAWN(descriptors_run_out),       TEST(files_of_all_processes),
	TEST_OF_FAWN(open_files_run_out),        TEST(twelve_by_twelve_files),
	TEST(forty_readers_of_forty_files),      TEST_OF_FAWN_LONG(fork_bomb, 200),
	TEST_OF_FAWN_LONG(memory_runs_out, 200), TEST_OF_FAWN_LONG(hunger, 200),
	TEST_OF_FAWN_LONG(disk_runs_out, 200),   TEST_OF_FAWN_LONG(disk_runs_out_for_several, 200),
};

TEST_MAIN(tests)
