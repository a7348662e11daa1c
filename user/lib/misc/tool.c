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
#include <sys/stat.h>
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
			return -1;
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

const char *
tool_basename(const char *path)
{
	const char *name = path;

	for (const char *p = path; *p != '\0'; p++) {
		if (*p == '/' && p[1] != '/' && p[1] != '\0')
			name = p + 1;
	}
	return name;
}

char *
tool_join(const char *folder, const char *name)
{
	size_t length = strlen(folder);
	const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
	char *path;

	if (asprintf(&path, "%s%s%s", folder, slash, name) < 0)
		err(EXIT_FAILURE, "%s/%s", folder, name);
	return path;
}

/*
 * Rounded up, so that nothing looks smaller than it is.
 */
const char *
tool_human_size(char *text, unsigned long size)
{
	const char *unit = "KMGTPE";
	unsigned long scale = 1024;

	if (size < scale) {
		snprintf(text, 8, "%lu", size);
		return text;
	}
	while (unit[1] != '\0' && (size - 1) / scale + 1 >= 1024) {
		scale *= 1024;
		unit++;
	}
	if (size <= scale * 99 / 10) {
		unsigned long tenths = (size / (scale / 1024) * 10 + 1023) / 1024;

		snprintf(text, 8, "%lu.%lu%c", tenths / 10, tenths % 10, *unit);
	} else {
		snprintf(text, 8, "%lu%c", (size - 1) / scale + 1, *unit);
	}
	return text;
}

static char
kind_letter(unsigned int mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return 'd';
	case S_IFLNK:
		return 'l';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	default:
		return '-';
	}
}

const char *
tool_mode_text(char *text, unsigned int mode)
{
	text[0] = kind_letter(mode);
	for (int i = 0; i < 9; i++)
		text[1 + i] = mode & (0400U >> i) ? "rwx"[i % 3] : '-';
	if (mode & S_ISUID)
		text[3] = mode & S_IXUSR ? 's' : 'S';
	if (mode & S_ISGID)
		text[6] = mode & S_IXGRP ? 's' : 'S';
	if (mode & S_ISVTX)
		text[9] = mode & S_IXOTH ? 't' : 'T';
	text[10] = '\0';
	return text;
}
