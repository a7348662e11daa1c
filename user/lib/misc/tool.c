// SPDX-License-Identifier: MIT
/*
 * What every program in bin/ does alike.
 */
#include <tool.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../start/start.h"

#define USAGE_STATUS 2
#define COPY_SIZE    16384

_Noreturn void
tool_usage(const char *usage)
{
	fprintf(stderr, "usage: %s\n", usage);
	exit(USAGE_STATUS);
}

static _Noreturn void
help(const char *usage)
{
	printf("usage: %s\n", usage);
	tool_exit(0);
}

int
tool_option(int argc, char **argv, const char *options, const char *usage)
{
	int option;

	if (optind < argc && strcmp(argv[optind], "--help") == 0)
		help(usage);
	opterr = 0;
	option = getopt(argc, argv, options);
	if (option != '?')
		return option;
	if (optopt == 'h' && strchr(options, 'h') == NULL)
		help(usage);
	if (strchr(options, optopt) != NULL && optopt != ':')
		warnx("option -%c needs an argument", optopt);
	else
		warnx("unknown option -%c", optopt);
	tool_usage(usage);
}

_Noreturn void
tool_exit(int status)
{
	int failed = ferror(stdout);

	if (fflush(stdout) == EOF || failed) {
		warn("write error");
		_exit(EXIT_FAILURE);
	}
	exit(status);
}

static int
write_all(int fd, const char *data, size_t count)
{
	while (count > 0) {
		ssize_t n = write(fd, data, count);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		count -= (size_t)n;
	}
	return 0;
}

int
tool_copy(int from, const char *from_name, int to, const char *to_name)
{
	static char buffer[COPY_SIZE];

	for (;;) {
		ssize_t count = read(from, buffer, sizeof(buffer));

		if (count == 0)
			return 0;
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			warn("%s", from_name);
			return -1;
		}
		if (write_all(to, buffer, (size_t)count) < 0) {
			warn("%s", to_name);
			return -2;
		}
	}
}

long
tool_number(const char *text, const char *what, long low, long high)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (end == text || *end != '\0')
		errx(USAGE_STATUS, "%s: '%s' is not a number", what, text);
	if (errno == ERANGE || number < low || number > high)
		errx(USAGE_STATUS, "%s: %s is not between %ld and %ld", what, text, low, high);
	return number;
}
