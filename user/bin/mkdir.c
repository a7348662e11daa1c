// SPDX-License-Identifier: MIT
/*
 * Make folders.  -p: and those above them, and do not mind if they exist.
 */
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "mkdir [-p] folder ..."

static int
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
make(const char *path)
{
	if (mkdir(path, 0777) == 0)
		return 0;
	warn("cannot create '%s'", path);
	return 1;
}

/*
 * Make each folder of the path in turn; a file in the way is an error.
 */
static int
make_all(char *path)
{
	for (char *p = path;; p++) {
		char c = *p;
		int error;

		if ((c != '/' && c != '\0') || p == path)
			continue;
		*p = '\0';
		error = mkdir(path, 0777) < 0 ? errno : 0;
		if (error != 0 && !is_folder(path)) {
			errno = error;
			warn("cannot create '%s'", path);
			return 1;
		}
		if (c == '\0')
			return 0;
		*p = c;
	}
}

int
main(int argc, char **argv)
{
	int parents = 0;
	int status = 0;

	while (tool_option(argc, argv, "p", USAGE) != -1)
		parents = 1;
	if (optind == argc)
		tool_usage(USAGE);
	for (int i = optind; i < argc; i++)
		status |= parents && argv[i][0] != '\0' ? make_all(argv[i]) : make(argv[i]);
	return status;
}
