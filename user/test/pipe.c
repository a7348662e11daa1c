// SPDX-License-Identifier: MIT
/*
 * Pipes: order, ends, limits, several readers and writers.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <abi/limits.h>

#include "lib/test.h"

static int fds[2];

static void
open_pipe(void)
{
	CHECK_EQ(pipe(fds), 0);
}

static void
bytes_in_order(void)
{
	char text[16] = "";

	open_pipe();
	CHECK_EQ(write(fds[1], "hello ", 6), 6);
	CHECK_EQ(write(fds[1], "world", 5), 5);
	CHECK_EQ(read(fds[0], text, 8), 8);
	CHECK_EQ(read(fds[0], text + 8, 8), 3); // what is there, not all that fits
	CHECK_EQ(strcmp(text, "hello world"), 0);
}

static void
end_of_file_when_writers_have_gone(void)
{
	char c;

	open_pipe();
	int second = dup(fds[1]);
	CHECK_EQ(write(fds[1], "a", 1), 1);
	close(fds[1]);
	CHECK_EQ(read(fds[0], &c, 1), 1);
	CHECK_EQ(write(second, "b", 1), 1); // dup() keeps the end open
	close(second);
	CHECK_EQ(read(fds[0], &c, 1), 1);
	CHECK_EQ(read(fds[0], &c, 1), 0);
	CHECK_EQ(read(fds[0], &c, 1), 0);
}

static void
write_without_reader(void)
{
	open_pipe();
	close(fds[0]);
	CHECK_DIES(SIGPIPE, write(fds[1], "x", 1));
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERROR(write(fds[1], "x", 1), EPIPE);
}

// A writer that waits for room is told when the last reader goes.
static void
reader_goes_while_a_writer_waits(void)
{
	static char data[PIPE_BUF];

	open_pipe();
	pid_t pid = test_fork();
	if (pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		close(fds[0]);
		ssize_t n;
		do
			n = write(fds[1], data, sizeof(data));
		while (n > 0);
		CHECK_EQ(errno, EPIPE);
		_exit(3);
	}
	close(fds[1]);
	test_sleep_ms(50);
	close(fds[0]);
	CHECK_EXITS(pid, 3);
}

static void
wrong_end(void)
{
	char c = 0;

	open_pipe();
	CHECK_ERROR(read(fds[1], &c, 1), EBADF);
	CHECK_ERROR(write(fds[0], &c, 1), EBADF);
	CHECK_ERROR(lseek(fds[0], 0, SEEK_CUR), ESPIPE);
	CHECK_ERROR(pread(fds[0], &c, 1, 0), ESPIPE);
	CHECK_ERROR(pwrite(fds[1], &c, 1, 0), ESPIPE);
	CHECK_ERROR(ftruncate(fds[1], 0), EINVAL);
}

static void
nothing_to_transfer(void)
{
	char c;

	open_pipe();
	CHECK_EQ(read(fds[0], &c, 0), 0);
	CHECK_EQ(write(fds[1], &c, 0), 0);
}

static void
status_and_flags(void)
{
	int p[2];
	struct stat st;

	CHECK_EQ(pipe2(p, O_CLOEXEC | O_NONBLOCK), 0);
	CHECK_EQ(fcntl(p[0], F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(p[1], F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_NONBLOCK | O_WRONLY);
	CHECK_EQ(fcntl(p[0], F_GETFL) & O_ACCMODE, O_RDONLY);
	CHECK_EQ(fstat(p[0], &st), 0);
	CHECK(S_ISFIFO(st.st_mode));
	CHECK_ERROR(pipe2(p, O_CREAT), EINVAL);
	open_pipe();
	CHECK_EQ(fcntl(fds[0], F_GETFD), 0);
}

static void
nonblocking(void)
{
	static char data[3 * PIPE_BUF];
	size_t total = 0;
	ssize_t n;

	open_pipe();
	CHECK_EQ(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	CHECK_EQ(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	CHECK_ERROR(read(fds[0], data, 1), EAGAIN);
	while ((n = write(fds[1], data, 1000)) > 0) {
		CHECK_EQ(n, 1000); // PIPE_BUF or less: all or nothing
		total += (size_t)n;
	}
	CHECK_EQ(errno, EAGAIN);
	CHECK(total >= PIPE_BUF - 1000);
	for (size_t left = total; left > 0; left -= (size_t)n) {
		n = read(fds[0], data, sizeof(data));
		CHECK(n > 0);
	}
	CHECK_ERROR(read(fds[0], data, 1), EAGAIN);
	close(fds[1]);
	CHECK_EQ(read(fds[0], data, 1), 0);
}

// More than fits goes in part; a piece of up to PIPE_BUF never does.
static void
nonblocking_in_part(void)
{
	size_t size = 4 << 20;
	char *data = malloc(size);

	open_pipe();
	memset(data, 0, size);
	CHECK_EQ(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	ssize_t n = write(fds[1], data, size);
	CHECK(n >= PIPE_BUF && (size_t)n < size);
	CHECK_ERROR(write(fds[1], data, PIPE_BUF), EAGAIN);
	CHECK_EQ(read(fds[0], data, PIPE_BUF - 1), PIPE_BUF - 1);
	CHECK_ERROR(write(fds[1], data, PIPE_BUF), EAGAIN);
}

static void
full_pipe_makes_the_writer_wait(void)
{
	static char data[65536];
	int tell[2];
	char c;

	open_pipe();
	CHECK_EQ(pipe(tell), 0);
	pid_t pid = test_fork();
	if (pid == 0) {
		for (int i = 0; i < 8; i++)
			test_write_all(fds[1], data, sizeof(data));
		test_write_all(tell[1], "x", 1);
		_exit(0);
	}
	CHECK_EQ(fcntl(tell[0], F_SETFL, O_NONBLOCK), 0);
	test_sleep_ms(50);
	CHECK_ERROR(read(tell[0], &c, 1), EAGAIN); // half a MiB doesn't fit
	for (int i = 0; i < 8; i++)
		test_read_all(fds[0], data, sizeof(data));
	CHECK_EXITS(pid, 0);
	CHECK_EQ(read(tell[0], &c, 1), 1);
}

static void
large_transfer(void)
{
	static char part[10007];
	size_t total = 1 << 20;

	open_pipe();
	pid_t pid = test_fork();
	if (pid == 0) {
		for (size_t at = 0; at < total;) {
			size_t n = total - at < 7919 ? total - at : 7919;
			test_fill(part, n, 5, at);
			test_write_all(fds[1], part, n);
			at += n;
		}
		_exit(0);
	}
	close(fds[1]);
	size_t at = 0;
	ssize_t n;
	while ((n = read(fds[0], part, sizeof(part))) > 0) {
		CHECK(test_filled(part, (size_t)n, 5, at));
		at += (size_t)n;
	}
	CHECK_EQ(n, 0);
	CHECK_EQ(at, total);
	CHECK_EXITS(pid, 0);
}

// Pieces of up to PIPE_BUF are never mixed, whoever else writes.
static void
write_pieces(int who)
{
	static char piece[PIPE_BUF];

	memset(piece, 'a' + who, sizeof(piece));
	for (int i = 0; i < 50; i++)
		test_write_all(fds[1], piece, sizeof(piece));
}

static void
pieces_are_not_mixed(void)
{
	static char piece[PIPE_BUF];
	pid_t pid[4];

	open_pipe();
	for (int i = 0; i < 4; i++)
		pid[i] = test_child(write_pieces, i);
	for (int n = 0; n < 4 * 50; n++) {
		test_read_all(fds[0], piece, sizeof(piece));
		for (size_t i = 1; i < sizeof(piece); i++)
			CHECK_EQ(piece[i], piece[0]);
	}
	for (int i = 0; i < 4; i++)
		CHECK_EXITS(pid[i], 0);
}

// Each byte goes to one of two readers.
static void
sum_bytes(int out)
{
	unsigned char part[100];
	unsigned sum[2] = { 0, 0 };
	ssize_t n;

	close(fds[1]);
	while ((n = read(fds[0], part, sizeof(part))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			sum[0] += part[i];
		sum[1] += (unsigned)n;
	}
	test_write_all(out, sum, sizeof(sum));
}

static void
two_readers(void)
{
	unsigned sum[2], all[2] = { 0, 0 }, expected = 0;
	int results[2];
	pid_t pid[2];

	open_pipe();
	CHECK_EQ(pipe(results), 0);
	for (int i = 0; i < 2; i++)
		pid[i] = test_child(sum_bytes, results[1]);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned char c = (unsigned char)(i * 31);
		expected += c;
		test_write_all(fds[1], &c, 1);
	}
	close(fds[1]);
	close(fds[0]);
	for (int i = 0; i < 2; i++) {
		CHECK_EXITS(pid[i], 0);
		test_read_all(results[0], sum, sizeof(sum));
		all[0] += sum[0];
		all[1] += sum[1];
	}
	CHECK_EQ(all[0], expected);
	CHECK_EQ(all[1], 20000);
}

// A token goes round a ring of processes.
#define RING   20
#define ROUNDS 50

static int ring[RING][2];

static void
pass_on(int me)
{
	unsigned token;

	for (int i = 0; i < ROUNDS; i++) {
		test_read_all(ring[me][0], &token, sizeof(token));
		token++;
		test_write_all(ring[(me + 1) % RING][1], &token, sizeof(token));
	}
}

static void
ring_of_processes(void)
{
	pid_t pid[RING];
	unsigned token = 0;

	for (int i = 0; i < RING; i++)
		CHECK_EQ(pipe(ring[i]), 0);
	for (int i = 1; i < RING; i++)
		pid[i] = test_child(pass_on, i);
	for (int i = 0; i < ROUNDS; i++) {
		token++;
		test_write_all(ring[1][1], &token, sizeof(token));
		test_read_all(ring[0][0], &token, sizeof(token));
	}
	CHECK_EQ(token, RING * ROUNDS);
	for (int i = 1; i < RING; i++)
		CHECK_EXITS(pid[i], 0);
}

static void
a_hundred_pipes(void)
{
	int p[100][2], n;

	for (int i = 0; i < 100; i++) {
		CHECK_EQ(pipe(p[i]), 0);
		test_write_all(p[i][1], &i, sizeof(i));
	}
	for (int i = 99; i >= 0; i--) {
		test_read_all(p[i][0], &n, sizeof(n));
		CHECK_EQ(n, i);
	}
}

// A chain of processes, as a shell makes it.
static void
copy_through(int in, int out)
{
	char part[512];
	ssize_t n;

	while ((n = read(in, part, sizeof(part))) > 0)
		test_write_all(out, part, (size_t)n);
	_exit(0);
}

static void
pipeline(void)
{
	static char data[100000];
	int in, first, p[2];
	pid_t pid[6];

	CHECK_EQ(pipe(p), 0);
	in = p[0];
	first = p[1];
	for (int i = 0; i < 5; i++) {
		CHECK_EQ(pipe(p), 0);
		pid[i] = test_fork();
		if (pid[i] == 0) {
			close(first);
			close(p[0]);
			copy_through(in, p[1]);
		}
		close(in);
		close(p[1]);
		in = p[0];
	}
	pid[5] = test_fork();
	if (pid[5] == 0) {
		close(in);
		test_fill(data, sizeof(data), 9, 0);
		test_write_all(first, data, sizeof(data));
		_exit(0);
	}
	close(first);
	test_read_all(in, data, sizeof(data));
	CHECK(test_filled(data, sizeof(data), 9, 0));
	CHECK_EQ(read(in, data, 1), 0);
	for (int i = 0; i < 6; i++)
		CHECK_EXITS(pid[i], 0);
}

static const struct test tests[] = {
	TEST(bytes_in_order),
	TEST(end_of_file_when_writers_have_gone),
	TEST(write_without_reader),
	TEST(reader_goes_while_a_writer_waits),
	TEST(wrong_end),
	TEST(nothing_to_transfer),
	TEST(status_and_flags),
	TEST(nonblocking),
	TEST(nonblocking_in_part),
	TEST(full_pipe_makes_the_writer_wait),
	TEST(large_transfer),
	TEST(pieces_are_not_mixed),
	TEST(two_readers),
	TEST(ring_of_processes),
	TEST(a_hundred_pipes),
	TEST(pipeline),
};

TEST_MAIN(tests)
