// SPDX-License-Identifier: MIT
/*
 * Names: folders, links, renaming, removal, long names, paths.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <abi/limits.h>

#include "lib/raw.h"
#include "lib/test.h"

static struct stat
stat_of(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		test_fail(__FILE__, __LINE__, "lstat %s: %s", path, strerror(errno));
	return st;
}

// Whether a name is there, without following it.
static bool
there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void
make(const char *path)
{
	test_make_file(path, 3, 1);
}

static void
make_folder(const char *path)
{
	CHECK_EQ(mkdir(path, 0777), 0);
}

// How often a name stands in a folder, by reading it.
static unsigned
entries(const char *folder, const char *name)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned n = 0;

	CHECK(dir != NULL);
	while ((entry = readdir(dir)) != NULL)
		n += name == NULL || strcmp(entry->d_name, name) == 0;
	CHECK_EQ(closedir(dir), 0);
	return n;
}

static void
folders(void)
{
	make_folder("d");
	CHECK(S_ISDIR(stat_of("d").st_mode));
	CHECK_EQ(stat_of("d").st_nlink, 2);
	CHECK_ERROR(mkdir("d", 0777), EEXIST);
	CHECK_ERROR(mkdir("none/d", 0777), ENOENT);
	make_folder("d/e");
	CHECK_EQ(stat_of("d").st_nlink, 3);
	CHECK_EQ(entries("d", NULL), 3);
	CHECK_EQ(entries("d", "e"), 1);
	CHECK_EQ(stat_of("d/e/..").st_ino, stat_of("d").st_ino);
	CHECK_EQ(stat_of("d/e/.").st_ino, stat_of("d/e").st_ino);
	CHECK_ERROR(rmdir("d"), ENOTEMPTY);
	CHECK_ERROR(unlink("d"), EISDIR);
	CHECK_ERROR(rmdir("d/."), EINVAL);
	CHECK_ERROR(rmdir("d/e/.."), ENOTEMPTY);
	CHECK_EQ(rmdir("d/e/"), 0);
	CHECK_EQ(stat_of("d").st_nlink, 2);
	CHECK_EQ(rmdir("d"), 0);
	CHECK_ERROR(rmdir("d"), ENOENT);
	make("f");
	CHECK_ERROR(rmdir("f"), ENOTDIR);
	CHECK_ERROR(open("d2/", O_WRONLY | O_CREAT, 0666), EISDIR);
	make_folder("d");
	CHECK_ERROR(open("d", O_WRONLY), EISDIR);
	int fd = open("d", O_RDONLY);
	char c;
	CHECK_ERROR(read(fd, &c, 1), EISDIR);
}

static void
odd_paths(void)
{
	make_folder("d");
	make("d/f");
	CHECK_EQ(stat_of("d//f").st_ino, stat_of("d/f").st_ino);
	CHECK_EQ(stat_of("./d/../d/./f").st_ino, stat_of("d/f").st_ino);
	CHECK_EQ(stat_of("d/").st_ino, stat_of("d").st_ino);
	CHECK_EQ(stat_of("/..").st_ino, stat_of("/").st_ino);
	CHECK_ERROR(open("d/f/", O_RDONLY), ENOTDIR);
	CHECK_ERROR(open("d/f/x", O_RDONLY), ENOTDIR);
	CHECK_ERROR(open("d/f/..", O_RDONLY), ENOTDIR);
	CHECK_ERROR(open("", O_RDONLY), ENOENT);
	CHECK_ERROR(unlink(""), ENOENT);
	CHECK_ERROR(mkdir("", 0777), ENOENT);
	CHECK_ERROR(open("no/f", O_RDONLY), ENOENT);
}

static void
long_names(void)
{
	char name[NAME_MAX + 2], *path = malloc(PATH_MAX + 10);

	memset(name, 'n', sizeof(name));
	name[NAME_MAX + 1] = '\0';
	CHECK_ERROR(open(name, O_WRONLY | O_CREAT, 0666), ENAMETOOLONG);
	CHECK_ERROR(mkdir(name, 0777), ENAMETOOLONG);
	name[NAME_MAX] = '\0';
	make(name);
	CHECK_EQ(entries(".", name), 1);
	test_check_file(name, 3, 1);
	// Names that differ only at the end, and in length.
	name[NAME_MAX - 1] = 'x';
	CHECK(!there(name));
	name[NAME_MAX - 1] = '\0';
	CHECK(!there(name));
	// A path of the greatest length, and one more: "././...f".
	memset(path, '/', PATH_MAX + 10);
	for (int i = 0; i < PATH_MAX; i += 2)
		path[i] = '.';
	make("f");
	strcpy(path + PATH_MAX - 2, "f");
	CHECK_EQ(stat_of(path).st_size, 3);
	strcpy(path + PATH_MAX - 2, "/f");
	CHECK_ERROR(open(path, O_RDONLY), ENAMETOOLONG);
	free(path);
}

static void
deep_folders(void)
{
	char path[1024], *cwd;

	for (int i = 0; i < 100; i++) {
		make_folder("deeper");
		CHECK_EQ(chdir("deeper"), 0);
	}
	cwd = getcwd(path, sizeof(path));
	CHECK(cwd != NULL);
	CHECK_EQ(strcmp(path + strlen(path) - 14, "/deeper/deeper"), 0);
	CHECK_EQ(RAW(SYS_getcwd, path, 100), -ERANGE);
	make("bottom");
	for (int i = 0; i < 100; i++)
		CHECK_EQ(chdir(".."), 0);
	CHECK(there("deeper/deeper"));
}

static void
many_names(void)
{
	char name[40];
	const int count = 500;

	make_folder("d");
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "d/%d-%0*d", i, i % 25 + 1, 7);
		CHECK_EQ(close(open(name, O_WRONLY | O_CREAT | O_EXCL, 0666)), 0);
	}
	CHECK_EQ(entries("d", NULL), count + 2);
	for (int i = 0; i < count; i += 2) {
		snprintf(name, sizeof(name), "d/%d-%0*d", i, i % 25 + 1, 7);
		CHECK_EQ(unlink(name), 0);
	}
	CHECK_EQ(entries("d", NULL), count / 2 + 2);
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "d/%d-%0*d", i, i % 25 + 1, 7);
		CHECK_EQ(there(name), i % 2);
	}
	// What became free is used again: longer and shorter names than before.
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "d/%0*d", i % 30 + 4, i);
		make(name);
	}
	CHECK_EQ(entries("d", NULL), count / 2 + 2 + 100);
}

static void
hard_links(void)
{
	make("a");
	CHECK_EQ(link("a", "b"), 0);
	CHECK_EQ(stat_of("a").st_ino, stat_of("b").st_ino);
	CHECK_EQ(stat_of("a").st_nlink, 2);
	CHECK_ERROR(link("a", "b"), EEXIST);
	CHECK_ERROR(link("none", "c"), ENOENT);
	make_folder("d");
	CHECK_ERROR(link("d", "e"), EPERM);
	CHECK_ERROR(link("a", "none/c"), ENOENT);
	CHECK_EQ(unlink("a"), 0);
	CHECK(!there("a"));
	CHECK_EQ(stat_of("b").st_nlink, 1);
	test_check_file("b", 3, 1);
}

static void
open_file_without_a_name(void)
{
	char text[4] = "";
	struct stat st;

	make("f");
	int fd = open("f", O_RDWR);
	CHECK_EQ(unlink("f"), 0);
	CHECK_ERROR(open("f", O_RDONLY), ENOENT);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_nlink, 0);
	CHECK_EQ(pwrite(fd, "xyz", 3, 5000), 3);
	CHECK_EQ(pread(fd, text, 3, 5000), 3);
	CHECK_EQ(strcmp(text, "xyz"), 0);
	make("f"); // another file
	test_check_file("f", 3, 1);
	CHECK_EQ(close(fd), 0);
}

static void
removed_working_directory(void)
{
	char path[256];

	make_folder("d");
	CHECK_EQ(chdir("d"), 0);
	CHECK_EQ(rmdir("../d"), 0);
	CHECK_EQ(RAW(SYS_getcwd, path, sizeof(path)), -ENOENT);
	CHECK_ERROR(open("f", O_WRONLY | O_CREAT, 0666), ENOENT);
	CHECK_ERROR(mkdir("e", 0777), ENOENT);
	CHECK_EQ(entries(".", NULL), 0);
	CHECK_EQ(chdir("/"), 0);
}

static void
renaming(void)
{
	ino_t ino;

	make("a");
	ino = stat_of("a").st_ino;
	CHECK_EQ(rename("a", "b"), 0);
	CHECK(!there("a"));
	CHECK_EQ(stat_of("b").st_ino, ino);
	make_folder("d");
	CHECK_EQ(rename("b", "d/c"), 0);
	CHECK_EQ(stat_of("d/c").st_ino, ino);
	test_make_file("e", 10, 5);
	CHECK_EQ(rename("d/c", "e"), 0); // in place of another file
	test_check_file("e", 3, 1);
	CHECK_EQ(stat_of("e").st_nlink, 1);
	CHECK_EQ(rename("e", "e"), 0);
	CHECK_EQ(link("e", "f"), 0);
	CHECK_EQ(rename("e", "f"), 0); // the same file: nothing happens
	CHECK(there("e") && there("f"));
	CHECK_ERROR(rename("none", "x"), ENOENT);
	CHECK_ERROR(rename("e", "none/x"), ENOENT);
	CHECK_ERROR(rename("e", "d"), EISDIR);
	CHECK_ERROR(rename("d", "e"), ENOTDIR);
	CHECK_ERROR(rename("e", "d/."), EBUSY);
	CHECK_ERROR(rename("d/..", "x"), EBUSY);
}

static void
renaming_folders(void)
{
	make_folder("a");
	make_folder("a/b");
	make_folder("c");
	make_folder("c/full");
	nlink_t top = stat_of(".").st_nlink;
	CHECK_ERROR(rename("a", "a/b/x"), EINVAL); // into itself
	CHECK_ERROR(rename("a", "a/x"), EINVAL);
	CHECK_ERROR(rename("a/b", "a"), ENOTEMPTY);
	CHECK_ERROR(rename("a", "c"), ENOTEMPTY);
	CHECK_EQ(rename("a/b", "c/b"), 0);
	CHECK_EQ(stat_of("c/b/..").st_ino, stat_of("c").st_ino);
	CHECK_EQ(stat_of("a").st_nlink, 2);
	CHECK_EQ(stat_of("c").st_nlink, 4);
	make("a/inside");
	CHECK_EQ(rename("a", "c/b"), 0); // in place of an empty one
	CHECK(there("c/b/inside"));
	CHECK_EQ(stat_of("c/b/..").st_ino, stat_of("c").st_ino);
	CHECK_EQ(stat_of(".").st_nlink, top - 1);
	CHECK_EQ(rename("c/", "z/"), 0);
	CHECK(there("z/b/inside"));
}

static void
rename_flags(void)
{
	make("a");
	make_folder("d");
	CHECK_EQ(RAW(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "d", 1), -EEXIST); // NOREPLACE
	CHECK_EQ(RAW(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 1), 0);
	CHECK(there("b"));
	CHECK_EQ(RAW(SYS_renameat2, AT_FDCWD, "b", AT_FDCWD, "c", 0x80), -EINVAL);
}

static void
symbolic_links(void)
{
	char target[16];

	make_folder("d");
	make("d/f");
	CHECK_EQ(symlink("d/f", "to_file"), 0);
	CHECK_EQ(symlink("d", "to_folder"), 0);
	CHECK_EQ(symlink("../d/f", "d/up"), 0);
	CHECK_EQ(symlink("nowhere", "dangling"), 0);
	CHECK_EQ(symlink("loop", "loop"), 0);
	CHECK(S_ISLNK(stat_of("to_file").st_mode));
	CHECK_EQ(stat_of("to_file").st_size, 3);
	CHECK_EQ(readlink("to_file", target, sizeof(target)), 3);
	CHECK(memcmp(target, "d/f", 3) == 0);
	CHECK_EQ(readlink("to_file", target, 2), 2);
	CHECK_ERROR(readlink("d", target, 2), EINVAL);
	test_check_file("to_file", 3, 1);
	test_check_file("to_folder/f", 3, 1);
	test_check_file("to_folder/up", 3, 1);
	CHECK_ERROR(open("dangling", O_RDONLY), ENOENT);
	CHECK_ERROR(open("loop", O_RDONLY), ELOOP);
	CHECK_ERROR(open("loop/x", O_RDONLY), ELOOP);
	CHECK_ERROR(open("to_file", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK_ERROR(symlink("x", "to_file"), EEXIST);
	CHECK_ERROR(mkdir("dangling", 0777), EEXIST);
	CHECK_EQ(close(open("dangling", O_WRONLY | O_CREAT, 0666)), 0);
	CHECK(there("nowhere"));
	CHECK_EQ(unlink("to_folder"), 0);
	CHECK(there("d/f"));
}

static void
long_symbolic_link(void)
{
	char path[1001], back[1100];

	memset(path, '/', sizeof(path));
	for (int i = 0; i < 998; i += 2)
		path[i] = '.';
	strcpy(path + 998, "f");
	make("f");
	CHECK_EQ(symlink(path, "l"), 0);
	CHECK_EQ(readlink("l", back, sizeof(back)), 999);
	CHECK(memcmp(back, path, 999) == 0);
	test_check_file("l", 3, 1);
}

static void
relative_to_a_folder(void)
{
	make_folder("d");
	int dir = open("d", O_RDONLY | O_DIRECTORY);
	CHECK(dir >= 0);
	int fd = openat(dir, "f", O_WRONLY | O_CREAT, 0666);
	CHECK(fd >= 0);
	CHECK(there("d/f"));
	CHECK_ERROR(openat(fd, "x", O_RDONLY), ENOTDIR);
	CHECK_ERROR(openat(99, "x", O_RDONLY), EBADF);
	CHECK(openat(99, "/", O_RDONLY) >= 0); // absolute: not asked
	CHECK_ERROR(open("d/f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_EQ(mkdirat(dir, "e", 0777), 0);
	CHECK_EQ(unlinkat(dir, "f", 0), 0);
	CHECK_ERROR(unlinkat(dir, "e", 0), EISDIR);
	CHECK_EQ(unlinkat(dir, "e", AT_REMOVEDIR), 0);
	CHECK_ERROR(unlinkat(dir, "e", 0x8000), EINVAL);
	CHECK_EQ(fchdir(dir), 0);
	make("g");
	CHECK_EQ(chdir(".."), 0);
	CHECK(there("d/g"));
	CHECK_ERROR(fchdir(fd), ENOTDIR);
	CHECK_ERROR(chdir("d/g"), ENOTDIR);
	CHECK_ERROR(chdir("none"), ENOENT);
}

static const struct test tests[] = {
	TEST(folders),
	TEST(odd_paths),
	TEST(long_names),
	TEST(deep_folders),
	TEST(many_names),
	TEST(hard_links),
	TEST(open_file_without_a_name),
	TEST(removed_working_directory),
	TEST(renaming),
	TEST(renaming_folders),
	TEST(rename_flags),
	TEST(symbolic_links),
	TEST(long_symbolic_link),
	TEST(relative_to_a_folder),
};

TEST_MAIN(tests)
