// SPDX-License-Identifier: MIT
/*
 * Copy files.  -r: and folders with all in them, links as links; -p: keep modes,
 * owners and times.  Links outside of folders are followed; files with several
 * names become several files.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "cp [-rp] file target\n       cp [-rp] file ... folder"

static bool recursive, preserve;

// The folder that a recursive copy makes first, which it must not copy in turn.
static struct stat made;

static int copy(const char *from, const char *to, bool is_operand);

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/*
 * A link has no mode of its own to set.
 */
static int
keep_attributes(const char *path, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	int status = 0;

	if (lchown(path, st->st_uid, st->st_gid) < 0 && errno != EPERM)
		status = 1;
	if (!S_ISLNK(st->st_mode) && chmod(path, st->st_mode & ~(mode_t)S_IFMT) < 0)
		status = 1;
	if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0)
		status = 1;
	if (status != 0)
		warn("preserving '%s'", path);
	return status;
}

static int
copy_file(const char *from, const char *to, const struct stat *st)
{
	int in = open(from, O_RDONLY);
	int out;
	int status;

	if (in < 0) {
		warn("%s", from);
		return 1;
	}
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, st->st_mode & 0777);
	if (out < 0) {
		warn("%s", to);
		close(in);
		return 1;
	}
	status = tool_copy(in, from, out, to) < 0;
	close(in);
	if (close(out) < 0) {
		warn("%s", to);
		status = 1;
	}
	return status;
}

static int
copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t length = readlink(from, target, sizeof(target) - 1);

	if (length < 0) {
		warn("%s", from);
		return 1;
	}
	target[length] = '\0';
	if (symlink(target, to) < 0) {
		warn("%s", to);
		return 1;
	}
	return 0;
}

/*
 * While it is filled the folder is writable to us, whatever it will be.
 */
static int
copy_folder(const char *from, const char *to, const struct stat *st)
{
	struct stat there;
	char **names = tool_names(from);
	int status = 0;

	if (names == NULL) {
		warn("%s", from);
		return 1;
	}
	if (mkdir(to, (st->st_mode & 0777) | S_IRWXU) < 0 &&
	    (errno != EEXIST || stat(to, &there) < 0 || !S_ISDIR(there.st_mode))) {
		warn("%s", to);
		tool_free_names(names);
		return 1;
	}
	if (made.st_ino == 0 && stat(to, &made) < 0)
		warn("%s", to);
	for (char **name = names; *name != NULL; name++) {
		char *inner_from = tool_join(from, *name);
		char *inner_to = tool_join(to, *name);

		status |= copy(inner_from, inner_to, false);
		free(inner_from);
		free(inner_to);
	}
	tool_free_names(names);
	return status;
}

static int
copy_any(const char *from, const char *to, const struct stat *st)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFDIR:
		return copy_folder(from, to, st);
	case S_IFLNK:
		return copy_link(from, to);
	case S_IFREG:
		return copy_file(from, to, st);
	default:
		if (!recursive)
			return copy_file(from, to, st);
		if (mknod(to, st->st_mode, st->st_rdev) == 0)
			return 0;
		warn("%s", to);
		return 1;
	}
}

static int
copy(const char *from, const char *to, bool is_operand)
{
	struct stat st, there;
	int status;

	if ((is_operand && !recursive ? stat(from, &st) : lstat(from, &st)) < 0) {
		warn("%s", from);
		return 1;
	}
	if (S_ISDIR(st.st_mode) && !recursive) {
		warnx("%s: is a directory; copy it with -r", from);
		return 1;
	}
	if (S_ISDIR(st.st_mode) && made.st_ino != 0 && same_file(&st, &made)) {
		warnx("%s: a directory is not copied into itself", from);
		return 1;
	}
	if (stat(to, &there) == 0 && same_file(&st, &there)) {
		warnx("'%s' and '%s' are the same file", from, to);
		return 1;
	}
	status = copy_any(from, to, &st);
	if (preserve && status == 0)
		status = keep_attributes(to, &st);
	return status;
}

static int
copy_operand(const char *from, const char *target, bool into_folder)
{
	char *name;
	char *to;
	int status;

	made.st_ino = 0;
	if (!into_folder)
		return copy(from, target, true);
	name = strdup(tool_basename(from));
	if (name == NULL)
		err(EXIT_FAILURE, "%s", from);
	name[strcspn(name, "/")] = '\0'; // "folder/" copies folder
	to = tool_join(target, name);
	status = copy(from, to, true);
	free(to);
	free(name);
	return status;
}

int
main(int argc, char **argv)
{
	struct stat st;
	bool into_folder;
	int status = 0;
	int option;

	while ((option = tool_option(argc, argv, "rRpf", USAGE)) != -1) {
		recursive |= option == 'r' || option == 'R';
		preserve |= option == 'p';
	}
	if (argc - optind < 2)
		tool_usage(USAGE);
	into_folder = stat(argv[argc - 1], &st) == 0 && S_ISDIR(st.st_mode);
	if (argc - optind > 2 && !into_folder)
		errx(1, "%s: is not a directory", argv[argc - 1]);
	for (int i = optind; i < argc - 1; i++)
		status |= copy_operand(argv[i], argv[argc - 1], into_folder);
	return status;
}
