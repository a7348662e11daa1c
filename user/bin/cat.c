// SPDX-License-Identifier: MIT
/*
 * Print files, one after the other.
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "cat [file ...]   (- is standard input)"

static struct stat output;

/*
 * A file appended to itself would never end.
 */
static int
is_output(int fd, const char *name)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0 ||
	    st.st_ino != output.st_ino || st.st_dev != output.st_dev)
		return 0;
	warnx("%s: is the output file", name);
	return 1;
}

/*
 * Return 0 or 1 as the program's status.
 */
static int
cat(const char *name)
{
	int fd = STDIN_FILENO;
	int result;

	if (strcmp(name, "-") != 0) {
		fd = open(name, O_RDONLY);
		if (fd < 0) {
			warn("%s", name);
			return 1;
		}
	}
	result = is_output(fd, name) ? -1 : tool_copy(fd, name, STDOUT_FILENO, "write error");
	if (result == -2)
		exit(EXIT_FAILURE);
	if (fd != STDIN_FILENO)
		close(fd);
	return result < 0;
}

int
main(int argc, char **argv)
{
	int status = 0;

	while (tool_option(argc, argv, "u", USAGE) != -1)
		continue; // -u is what it does anyway
	if (fstat(STDOUT_FILENO, &output) < 0)
		err(EXIT_FAILURE, "standard output");
	if (optind == argc)
		return cat("-");
	for (int i = optind; i < argc; i++)
		status |= cat(argv[i]);
	return status;
}
