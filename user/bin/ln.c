// SPDX-License-Identifier: MIT
/*
 * Make links to files.  -s: symbolic ones; -f: in place of what is there.
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "ln [-sf] target [link]\n       ln [-sf] target ... folder"

static bool symbolic, force;

static int
make_link(const char *target, const char *path)
{
	struct stat here, there;

	if (force) {
		// Not the file itself, lest its last name go.
		if (stat(target, &here) == 0 && lstat(path, &there) == 0 &&
		    here.st_ino == there.st_ino && here.st_dev == there.st_dev) {
			warnx("'%s' and '%s' are the same file", target, path);
			return 1;
		}
		if (unlink(path) < 0 && errno != ENOENT) {
			warn("cannot replace '%s'", path);
			return 1;
		}
	}
	if ((symbolic ? symlink(target, path) : link(target, path)) == 0)
		return 0;
	warn("cannot link '%s' to '%s'", path, target);
	return 1;
}

static int
make_link_in(const char *target, const char *folder)
{
	char *path = tool_join(folder, tool_basename(target));
	int status = make_link(target, path);

	free(path);
	return status;
}

int
main(int argc, char **argv)
{
	const char *last = ".";
	int status = 0;
	int option;
	struct stat st;
	bool into_folder;

	while ((option = tool_option(argc, argv, "sf", USAGE)) != -1) {
		symbolic |= option == 's';
		force |= option == 'f';
	}
	if (optind == argc)
		tool_usage(USAGE);
	if (argc - optind > 1)
		last = argv[--argc];
	into_folder = stat(last, &st) == 0 && S_ISDIR(st.st_mode);
	if (argc - optind > 1 && !into_folder)
		errx(1, "%s: is not a directory", last);
	for (int i = optind; i < argc; i++)
		status |= into_folder ? make_link_in(argv[i], last) : make_link(argv[i], last);
	return status;
}
