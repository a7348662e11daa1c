// SPDX-License-Identifier: MIT
/*
 * A file's bytes: offsets, holes, appending, truncation, sizes that reach every
 * kind of block map, several processes at once.  Called with "-s FILE" it brings
 * the file to the disk and says how that went.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/raw.h"
#include "lib/test.h"

static struct stat
stat_of(const char *path)
{
	struct stat st;

	CHECK_EQ(stat(path, &st), 0);
	return st;
}

static int
open_file(const char *path, int flags)
{
	int fd = open(path, flags, 0666);

	CHECK(fd >= 0);
	return fd;
}

static void
create_and_read_back(void)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 10000, 12 * 4096, 12 * 4096 + 1 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		test_make_file("f", sizes[i], (unsigned)i);
		CHECK_EQ(stat_of("f").st_size, sizes[i]);
		test_check_file("f", sizes[i], (unsigned)i);
	}
}

static void
open_flags(void)
{
	char c = 'x';

	CHECK_ERROR(open("f", O_RDONLY), ENOENT);
	CHECK_ERROR(open("f", O_RDWR), ENOENT);
	int fd = open("f", O_RDWR | O_CREAT | O_EXCL, 0644);
	CHECK(fd >= 0);
	CHECK_EQ(stat_of("f").st_mode & 0777, 0644);
	CHECK_ERROR(open("f", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
	CHECK_EQ(write(fd, "abc", 3), 3);
	CHECK_EQ(close(fd), 0);
	CHECK_ERROR(close(fd), EBADF);

	fd = open_file("f", O_RDONLY);
	CHECK_ERROR(write(fd, &c, 1), EBADF);
	CHECK_ERROR(ftruncate(fd, 0), EINVAL);
	close(fd);
	fd = open_file("f", O_WRONLY);
	CHECK_ERROR(read(fd, &c, 1), EBADF);
	close(fd);
	fd = open_file("f", O_RDONLY | O_CREAT);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 'a');
	close(fd);
	fd = open_file("f", O_WRONLY | O_TRUNC);
	CHECK_EQ(stat_of("f").st_size, 0);
	close(fd);
}

static void
creation_mode(void)
{
	umask(027);
	close(open("f", O_WRONLY | O_CREAT, 0666));
	CHECK_EQ(stat_of("f").st_mode & 07777, 0640);
	CHECK_EQ(mkdir("d", 0777), 0);
	CHECK_EQ(stat_of("d").st_mode & 07777, 0750);
	CHECK_EQ(chmod("f", 0444), 0);
	CHECK_EQ(stat_of("f").st_mode & 07777, 0444);
	CHECK_EQ(umask(0), 027);
}

static void
seeking(void)
{
	char text[4] = "";
	int fd = open_file("f", O_RDWR | O_CREAT);

	test_write_all(fd, "0123456789", 10);
	CHECK_EQ(lseek(fd, 3, SEEK_SET), 3);
	CHECK_EQ(lseek(fd, 2, SEEK_CUR), 5);
	CHECK_EQ(lseek(fd, -4, SEEK_END), 6);
	test_read_all(fd, text, 2);
	CHECK_EQ(strcmp(text, "67"), 0);
	CHECK_ERROR(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_ERROR(lseek(fd, -9, SEEK_CUR), EINVAL);
	CHECK_ERROR(lseek(fd, 0, 99), EINVAL);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 8);
	CHECK_EQ(lseek(fd, 100, SEEK_SET), 100); // beyond the end is a place
	CHECK_EQ(read(fd, text, 1), 0);
	CHECK_ERROR(lseek(99, 0, SEEK_SET), EBADF);
}

static void
appending(void)
{
	int a = open_file("f", O_WRONLY | O_CREAT | O_APPEND);
	int b = open_file("f", O_WRONLY | O_APPEND);
	char text[10] = "";

	for (int i = 0; i < 3; i++) {
		test_write_all(a, "a", 1);
		CHECK_EQ(lseek(b, 0, SEEK_SET), 0);
		test_write_all(b, "bb", 2);
	}
	int fd = open_file("f", O_RDONLY);
	test_read_all(fd, text, 9);
	CHECK_EQ(strcmp(text, "abbabbabb"), 0);
	CHECK_EQ(read(fd, text, 1), 0);
}

static void
positioned(void)
{
	char text[5] = "";
	int fd = open_file("f", O_RDWR | O_CREAT);

	CHECK_EQ(pwrite(fd, "world", 5, 6), 5);
	CHECK_EQ(pwrite(fd, "hello ", 6, 0), 6);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0); // the offset stays
	CHECK_EQ(pread(fd, text, 4, 7), 4);
	CHECK_EQ(strcmp(text, "orld"), 0);
	CHECK_EQ(pread(fd, text, 4, 11), 0);
	CHECK_EQ(pread(fd, text, 4, 9), 2);
	CHECK_ERROR(pread(fd, text, 4, -1), EINVAL);
	CHECK_ERROR(pwrite(fd, text, 4, -1), EINVAL);
}

static void
several_parts(void)
{
	char a[3], b[5], c[4];
	struct iovec out[] = { { "abc", 3 }, { NULL, 0 }, { "defghijk", 8 } };
	struct iovec in[] = { { a, sizeof(a) }, { b, sizeof(b) }, { c, sizeof(c) } };
	int fd = open_file("f", O_RDWR | O_CREAT);

	CHECK_EQ(writev(fd, out, 3), 11);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(readv(fd, in, 3), 11);
	CHECK(memcmp(a, "abc", 3) == 0 && memcmp(b, "defgh", 5) == 0 && memcmp(c, "ijk", 3) == 0);
	CHECK_EQ(readv(fd, in, 0), 0);
	CHECK_EQ(RAW(SYS_readv, fd, in, -1), -EINVAL);
	CHECK_EQ(RAW(SYS_writev, fd, in, 1025), -EINVAL);
	in[0].iov_len = SIZE_MAX;
	CHECK_ERROR(readv(fd, in, 3), EINVAL);
}

static void
truncation(void)
{
	static char data[20000];
	int fd;

	test_make_file("f", sizeof(data), 4);
	CHECK_EQ(truncate("f", 5000), 0);
	test_check_file("f", 5000, 4);
	CHECK_EQ(truncate("f", 15000), 0);
	fd = open_file("f", O_RDWR);
	test_read_all(fd, data, 15000);
	CHECK(test_filled(data, 5000, 4, 0));
	for (size_t i = 5000; i < 15000; i++)
		CHECK_EQ(data[i], 0); // not what was there before
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(stat_of("f").st_size, 0);
	CHECK_EQ(stat_of("f").st_blocks, 0);
	CHECK_ERROR(ftruncate(fd, -1), EINVAL);
	CHECK_ERROR(truncate("none", 0), ENOENT);
	CHECK_ERROR(truncate(".", 0), EISDIR);
	// The offset is where it was; a write leaves a hole behind.
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(stat_of("f").st_size, 15001);
}

static void
holes(void)
{
	static char part[8192];
	const off_t far = 3 * 1024 * 1024 + 777;
	int fd = open_file("f", O_RDWR | O_CREAT);

	CHECK_EQ(pwrite(fd, "end", 3, far), 3);
	CHECK_EQ(stat_of("f").st_size, far + 3);
	CHECK(stat_of("f").st_blocks <= 64); // a block or so, and its map
	for (off_t at = 0; at < far; at += (off_t)sizeof(part)) {
		ssize_t n = read(fd, part, sizeof(part));
		CHECK(n > 0);
		for (ssize_t i = 0; i < n && at + i < far; i++)
			CHECK_EQ(part[i], 0);
	}
	// Fill a piece in the middle; around it all stays zero.
	test_fill(part, 100, 6, 0);
	CHECK_EQ(pwrite(fd, part, 100, 1000000), 100);
	CHECK_EQ(pread(fd, part, 300, 1000000 - 100), 300);
	CHECK(test_filled(part + 100, 100, 6, 0));
	for (int i = 0; i < 100; i++)
		CHECK(part[i] == 0 && part[200 + i] == 0);
}

// The last block of each kind of map and the first of the next: 12 direct, then
// 1024 indirect, 1024^2 doubly and then triply indirect (ext2, 4 KiB blocks).
static void
every_kind_of_map(void)
{
	static const off_t blocks[] = { 0,    11,   12,   13,      1035,    1036,
					1037, 2060, 9000, 1049611, 1049612, 1049613 };
	const size_t count = sizeof(blocks) / sizeof(blocks[0]);
	static char part[4096];
	int fd = open_file("f", O_RDWR | O_CREAT);

	for (size_t i = 0; i < count; i++) {
		test_fill(part, sizeof(part), (unsigned)i, 0);
		CHECK_EQ(pwrite(fd, part, sizeof(part), blocks[i] * 4096), 4096);
	}
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(stat_of("f").st_size, (blocks[count - 1] + 1) * 4096);
	for (size_t i = count; i-- > 0;) {
		CHECK_EQ(pread(fd, part, sizeof(part), blocks[i] * 4096), 4096);
		CHECK(test_filled(part, sizeof(part), (unsigned)i, 0));
	}
	// Cut at each boundary from the end: what is below stays.
	for (size_t i = count; i-- > 1;) {
		CHECK_EQ(ftruncate(fd, blocks[i] * 4096), 0);
		CHECK_EQ(pread(fd, part, sizeof(part), blocks[i - 1] * 4096), 4096);
		CHECK(test_filled(part, sizeof(part), (unsigned)i - 1, 0));
	}
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(stat_of("f").st_blocks, 0);
}

static void
beyond_the_largest_file(void)
{
	int fd = open_file("f", O_RDWR | O_CREAT);

	CHECK_ERROR(lseek(fd, INT64_MAX, SEEK_SET), EINVAL);
	CHECK_ERROR(ftruncate(fd, (off_t)1 << 60), EFBIG);
	CHECK_ERROR(pwrite(fd, "x", 1, (off_t)1 << 50), EFBIG);
	CHECK_EQ(stat_of("f").st_size, 0);
}

static void
large_file(void)
{
	test_make_file("f", 6 << 20, 8);
	CHECK_EQ(stat_of("f").st_size, 6 << 20);
	test_check_file("f", 6 << 20, 8);
	sync();
	test_check_file("f", 6 << 20, 8);
}

// Writers of one file at different places; readers meanwhile.
static void
write_stripes(int who)
{
	char part[1000];
	int fd = open_file("f", O_WRONLY);

	for (int i = who; i < 200; i += 4) {
		test_fill(part, sizeof(part), 3, (size_t)i * sizeof(part));
		CHECK_EQ(pwrite(fd, part, sizeof(part), (off_t)i * (off_t)sizeof(part)), 1000);
	}
}

static void
read_meanwhile(int unused)
{
	char part[1000];

	(void)unused;
	for (int i = 0; i < 50; i++) {
		int fd = open_file("f", O_RDONLY);
		while (read(fd, part, sizeof(part)) > 0)
			continue;
		close(fd);
	}
}

static void
writers_at_once(void)
{
	pid_t pid[6];

	test_make_file("f", 0, 0);
	for (int i = 0; i < 6; i++)
		pid[i] = test_child(i < 4 ? write_stripes : read_meanwhile, i);
	for (int i = 0; i < 6; i++)
		CHECK_EXITS(pid[i], 0);
	test_check_file("f", 200000, 3);
}

static void
append_lines(int who)
{
	char line[32];
	int fd = open_file("log", O_WRONLY | O_APPEND);

	memset(line, 'a' + who, sizeof(line));
	for (int i = 0; i < 100; i++)
		test_write_all(fd, line, sizeof(line));
}

static void
appenders_at_once(void)
{
	char line[32];
	int count[4] = { 0 };
	pid_t pid[4];

	test_make_file("log", 0, 0);
	for (int i = 0; i < 4; i++)
		pid[i] = test_child(append_lines, i);
	for (int i = 0; i < 4; i++)
		CHECK_EXITS(pid[i], 0);
	int fd = open_file("log", O_RDONLY);
	for (int n = 0; n < 400; n++) {
		test_read_all(fd, line, sizeof(line));
		for (size_t i = 1; i < sizeof(line); i++)
			CHECK_EQ(line[i], line[0]);
		count[line[0] - 'a']++;
	}
	CHECK_EQ(read(fd, line, 1), 0);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(count[i], 100);
}

static void
times(void)
{
	struct timespec set[2] = { { 1000, 5 }, { 2000, 7 } };

	test_make_file("f", 10, 1);
	CHECK_EQ(utimensat(AT_FDCWD, "f", set, 0), 0);
	struct stat st = stat_of("f");
	CHECK_EQ(st.st_atim.tv_sec, 1000);
	CHECK_EQ(st.st_mtim.tv_sec, 2000);
	time_t change = st.st_ctim.tv_sec;
	int fd = open_file("f", O_WRONLY | O_APPEND);
	test_write_all(fd, "x", 1);
	close(fd);
	st = stat_of("f");
	CHECK(st.st_mtim.tv_sec > 2000 && st.st_mtim.tv_sec >= change);
	CHECK_EQ(st.st_atim.tv_sec, 1000);
}

static const struct test tests[] = {
	TEST(create_and_read_back),
	TEST(open_flags),
	TEST(creation_mode),
	TEST(seeking),
	TEST(appending),
	TEST(positioned),
	TEST(several_parts),
	TEST(truncation),
	TEST(holes),
	TEST(every_kind_of_map),
	TEST(beyond_the_largest_file),
	TEST(large_file),
	TEST(writers_at_once),
	TEST(appenders_at_once),
	TEST(times),
};

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "-s") == 0) {
		int fd = open_file(argv[2], O_RDONLY);
		dprintf(1, "%s: %s\n", argv[2], fsync(fd) == 0 ? "written" : strerror(errno));
		return 0;
	}
	return test_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
