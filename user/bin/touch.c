// SPDX-License-Identifier: MIT
/*
 * Set files' times to now; make those that are not there.  -c: but do not make any.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "touch [-c] file ..."

static int
touch(const char *path, int make)
{
	int fd;

	if (utimensat(AT_FDCWD, path, NULL, 0) == 0)
		return 0;
	if (errno == ENOENT && !make)
		return 0;
	if (errno == ENOENT && (fd = open(path, O_WRONLY | O_CREAT, 0666)) >= 0) {
		close(fd);
		return 0;
	}
	warn("cannot touch '%s'", path);
	return 1;
}

int
main(int argc, char **argv)
{
	int make = 1;
	int status = 0;

	while (tool_option(argc, argv, "c", USAGE) != -1)
		make = 0;
	if (optind == argc)
		tool_usage(USAGE);
	for (int i = optind; i < argc; i++)
		status |= touch(argv[i], make);
	return status;
}
