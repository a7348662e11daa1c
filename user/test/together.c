// SPDX-License-Identifier: MIT
/*
 * Several processes at work on the same names and the same disk.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/test.h"

#define WORKERS 5

// Run fn in WORKERS children at once; all must succeed.
static void
run_workers(void (*fn)(int))
{
	pid_t pid[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		pid[i] = test_child(fn, i);
	for (int i = 0; i < WORKERS; i++)
		CHECK_EXITS(pid[i], 0);
}

static unsigned
entries(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned n = 0;

	CHECK(dir != NULL);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static void
create_and_remove(int who)
{
	char name[32];

	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 20; i++) {
			snprintf(name, sizeof(name), "d/%d.%d", who, i);
			test_make_file(name, (size_t)(i * 300), (unsigned)who);
		}
		for (int i = 0; i < 20; i++) {
			snprintf(name, sizeof(name), "d/%d.%d", who, i);
			test_check_file(name, (size_t)(i * 300), (unsigned)who);
			if (round < 3 || i % 2)
				CHECK_EQ(unlink(name), 0);
		}
	}
}

static void
own_names_in_one_folder(void)
{
	CHECK_EQ(mkdir("d", 0777), 0);
	run_workers(create_and_remove);
	CHECK_EQ(entries("d"), 2 + WORKERS * 10);
}

// Of all who create a name exclusively exactly one succeeds, and so of all who
// remove it.
static void
race_for_names(int who)
{
	char name[32];
	unsigned won[2] = { 0, 0 };
	int fd;

	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0666);
		CHECK(fd >= 0 || errno == EEXIST);
		won[0] += fd >= 0;
		close(fd);
	}
	for (int i = 59; i >= 0; i--) {
		snprintf(name, sizeof(name), "d/%d", i);
		int result = unlink(name);
		CHECK(result == 0 || errno == ENOENT);
		won[1] += result == 0;
	}
	snprintf(name, sizeof(name), "won.%d", who);
	fd = open(name, O_WRONLY | O_CREAT, 0666);
	test_write_all(fd, won, sizeof(won));
	close(fd);
}

static void
one_wins_each_name(void)
{
	unsigned created = 0, removed = 0, won[2];
	char name[32];

	CHECK_EQ(mkdir("d", 0777), 0);
	run_workers(race_for_names);
	for (int i = 0; i < WORKERS; i++) {
		snprintf(name, sizeof(name), "won.%d", i);
		int fd = open(name, O_RDONLY);
		test_read_all(fd, won, sizeof(won));
		close(fd);
		created += won[0];
		removed += won[1];
	}
	// A name that was removed early may be created again.
	CHECK_EQ(created, removed);
	CHECK(created >= 60);
	CHECK_EQ(entries("d"), 2);
}

// Folders move around under those who walk through them.
static void
move_folders(int who)
{
	char from[32], to[32];

	for (int i = 0; i < 60; i++) {
		int a = (who + i) % 4, b = (who + i * 3 + 1) % 4;
		snprintf(from, sizeof(from), "d/%d/x", a);
		snprintf(to, sizeof(to), "d/%d/x", b);
		if (who < 3) {
			CHECK(rename(from, to) == 0 || errno == ENOENT || errno == ENOTEMPTY ||
			      errno == EINVAL);
		} else {
			int fd = open(from, O_RDONLY);
			CHECK(fd >= 0 || errno == ENOENT);
			close(fd);
			snprintf(to, sizeof(to), "d/%d/x/../x/f", b);
			fd = open(to, O_RDONLY);
			CHECK(fd >= 0 || errno == ENOENT);
			close(fd);
		}
	}
}

static void
renames_across_folders(void)
{
	char name[32];
	unsigned left = 0;

	CHECK_EQ(mkdir("d", 0777), 0);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		CHECK_EQ(mkdir(name, 0777), 0);
	}
	CHECK_EQ(mkdir("d/0/x", 0777), 0);
	test_make_file("d/0/x/f", 100, 3);
	run_workers(move_folders);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "d/%d/x/f", i);
		if (access(name, F_OK) == 0) {
			test_check_file(name, 100, 3);
			left++;
		}
	}
	CHECK_EQ(left, 1);
}

// Two renames that would each put a folder into the other: one must fail.
static void
swap(int who)
{
	for (int i = 0; i < 40; i++) {
		int result = who % 2 ? rename("a", "b/a") : rename("b", "a/b");
		CHECK(result == 0 || errno == ENOENT || errno == EINVAL);
		result = who % 2 ? rename("b/a", "a") : rename("a/b", "b");
		CHECK(result == 0 || errno == ENOENT);
	}
}

static void
no_folder_inside_itself(void)
{
	CHECK_EQ(mkdir("a", 0777), 0);
	CHECK_EQ(mkdir("b", 0777), 0);
	run_workers(swap);
	// Both can still be reached.
	bool a = access("a", F_OK) == 0, b = access("b", F_OK) == 0;
	CHECK(a || b);
	CHECK((a && b) || access(a ? "a/b" : "b/a", F_OK) == 0);
}

static void
make_and_remove_folders(int who)
{
	char name[48];

	for (int i = 0; i < 30; i++) {
		(void)mkdir("d/shared", 0777);
		snprintf(name, sizeof(name), "d/shared/%d", who);
		if (mkdir(name, 0777) == 0)
			CHECK(rmdir(name) == 0);
		else
			CHECK_EQ(errno, ENOENT);
		CHECK(rmdir("d/shared") == 0 || errno == ENOTEMPTY || errno == ENOENT);
	}
}

static void
folders_come_and_go(void)
{
	struct stat st;

	CHECK_EQ(mkdir("d", 0777), 0);
	run_workers(make_and_remove_folders);
	(void)rmdir("d/shared");
	CHECK_EQ(entries("d"), 2);
	CHECK_EQ(stat("d", &st), 0);
	CHECK_EQ(st.st_nlink, 2);
}

static void
link_and_unlink(int who)
{
	char name[32];

	snprintf(name, sizeof(name), "l%d", who);
	for (int i = 0; i < 100; i++) {
		CHECK_EQ(link("f", name), 0);
		CHECK_EQ(unlink(name), 0);
	}
}

static void
link_count_is_right(void)
{
	struct stat st;

	test_make_file("f", 10, 1);
	run_workers(link_and_unlink);
	CHECK_EQ(stat("f", &st), 0);
	CHECK_EQ(st.st_nlink, 1);
}

static void
read_folder(int who)
{
	char name[32];

	for (int i = 0; i < 20; i++) {
		if (who == 0) {
			snprintf(name, sizeof(name), "d/come%d", i);
			test_make_file(name, 0, 0);
			if (i > 2) {
				snprintf(name, sizeof(name), "d/come%d", i - 3);
				unlink(name);
			}
			continue;
		}
		// What is there all the time is seen once, whatever moves.
		DIR *dir = opendir("d");
		struct dirent *entry;
		unsigned stays = 0;
		CHECK(dir != NULL);
		while ((entry = readdir(dir)) != NULL)
			stays += strncmp(entry->d_name, "stay", 4) == 0;
		closedir(dir);
		CHECK_EQ(stays, 100);
	}
}

static void
reading_a_busy_folder(void)
{
	char name[32];

	CHECK_EQ(mkdir("d", 0777), 0);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "d/stay%d", i);
		test_make_file(name, 0, 0);
	}
	run_workers(read_folder);
}

static void
sync_again_and_again(int who)
{
	char name[32];

	snprintf(name, sizeof(name), "f%d", who);
	for (unsigned i = 0; i < 8; i++) {
		test_make_file(name, 20000, i);
		if (who == 0)
			sync();
		int fd = open(name, O_RDONLY);
		CHECK_EQ(fsync(fd), 0);
		close(fd);
		test_check_file(name, 20000, i);
	}
}

static void
sync_while_others_write(void)
{
	run_workers(sync_again_and_again);
}

static const struct test tests[] = {
	TEST(own_names_in_one_folder), TEST(one_wins_each_name),      TEST(renames_across_folders),
	TEST(no_folder_inside_itself), TEST(folders_come_and_go),     TEST(link_count_is_right),
	TEST(reading_a_busy_folder),   TEST(sync_while_others_write),
};

TEST_MAIN(tests)
