// SPDX-License-Identifier: MIT
/*
 * Remove files.  -r: and folders with all in them; -f: what is not there is no error.
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "rm [-rf] file ..."

static bool recursive, force;

static int
complain(const char *path)
{
	if (force && errno == ENOENT)
		return 0;
	warn("cannot remove '%s'", path);
	return 1;
}

static int
remove_path(const char *path)
{
	struct stat st;
	char **names;
	int status = 0;

	if (lstat(path, &st) < 0)
		return complain(path);
	if (!S_ISDIR(st.st_mode))
		return unlink(path) < 0 ? complain(path) : 0;
	if (!recursive) {
		errno = EISDIR;
		return complain(path);
	}
	names = tool_names(path);
	if (names == NULL)
		return complain(path);
	for (char **name = names; *name != NULL; name++) {
		char *inner = tool_join(path, *name);

		status |= remove_path(inner);
		free(inner);
	}
	tool_free_names(names);
	if (status == 0 && rmdir(path) < 0)
		status = complain(path);
	return status;
}

/*
 * The folder one is in, the one above and the root are not for removal.
 */
static bool
is_protected(const char *path)
{
	const char *name = tool_basename(path);
	size_t length = strcspn(name, "/");

	if (length == 0 && *path == '/')
		return true;
	return (length == 1 && name[0] == '.') || (length == 2 && strncmp(name, "..", 2) == 0);
}

int
main(int argc, char **argv)
{
	int status = 0;
	int option;

	while ((option = tool_option(argc, argv, "rRf", USAGE)) != -1) {
		if (option == 'f')
			force = true;
		else
			recursive = true;
	}
	if (optind == argc && !force)
		tool_usage(USAGE);
	for (int i = optind; i < argc; i++) {
		if (is_protected(argv[i])) {
			warnx("refusing to remove '%s'", argv[i]);
			status = 1;
		} else {
			status |= remove_path(argv[i]);
		}
	}
	return status;
}
