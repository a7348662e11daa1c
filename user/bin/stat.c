// SPDX-License-Identifier: MIT
/*
 * Print all that is known of files.  -L: of what links point to.
 */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "stat [-L] file ..."

static const char *
kind(const struct stat *st)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symbolic link";
	case S_IFCHR:
		return "character device";
	case S_IFBLK:
		return "block device";
	case S_IFIFO:
		return "pipe";
	case S_IFSOCK:
		return "socket";
	default:
		return st->st_size == 0 ? "regular empty file" : "regular file";
	}
}

static void
print_time(const char *what, const struct timespec *ts)
{
	char text[32];
	struct tm tm;

	if (gmtime_r(&ts->tv_sec, &tm) == NULL)
		snprintf(text, sizeof(text), "%ld", ts->tv_sec);
	else
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	printf("%s: %s.%09ld +0000\n", what, text, ts->tv_nsec);
}

static void
print_name(const char *path, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t length = S_ISLNK(st->st_mode) ? readlink(path, target, sizeof(target)) : -1;

	if (length >= 0)
		printf("  File: %s -> %.*s\n", path, (int)length, target);
	else
		printf("  File: %s\n", path);
}

static void
print(const char *path, const struct stat *st)
{
	char mode[11];

	print_name(path, st);
	printf("  Size: %-15ld Blocks: %-10ld IO Block: %-6d %s\n", st->st_size, st->st_blocks,
	       st->st_blksize, kind(st));
	printf("Device: %u,%-13u Inode: %-11lu Links: %u", major(st->st_dev), minor(st->st_dev),
	       st->st_ino, st->st_nlink);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		printf(" Device type: %u,%u", major(st->st_rdev), minor(st->st_rdev));
	printf("\nAccess: (%04o/%s)  Uid: %-5u  Gid: %u\n", st->st_mode & 07777,
	       tool_mode_text(mode, st->st_mode), st->st_uid, st->st_gid);
	print_time("Access", &st->st_atim);
	print_time("Modify", &st->st_mtim);
	print_time("Change", &st->st_ctim);
}

int
main(int argc, char **argv)
{
	int follow = 0;
	int status = 0;

	while (tool_option(argc, argv, "L", USAGE) != -1)
		follow = 1;
	if (optind == argc)
		tool_usage(USAGE);
	for (int i = optind; i < argc; i++) {
		struct stat st;

		if ((follow ? stat(argv[i], &st) : lstat(argv[i], &st)) < 0) {
			warn("%s", argv[i]);
			status = 1;
		} else {
			print(argv[i], &st);
		}
	}
	tool_exit(status);
}
