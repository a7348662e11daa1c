// SPDX-License-Identifier: MIT
/*
 * List processes, as /proc tells.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "ps"
#define PROC  "/proc"

// Fields of /proc/PID/stat behind the name, counted from 0 (proc(5)).
enum { PPID = 1, PGRP = 2, UTIME = 11, STIME = 12, VSIZE = 20, RSS = 21, FIELDS = 22 };

static long ticks_per_second, page_size;

/*
 * "PID (name) S field field ...": the name may hold anything, even ")", so the
 * last ")" ends it.
 */
static int
print(char *text)
{
	char *name = strchr(text, '(');
	char *end = strrchr(text, ')');
	char state = '?';
	long field[FIELDS] = { 0 };
	long seconds;

	if (name == NULL || end == NULL || end[1] != ' ')
		return -1;
	*end = '\0';
	state = end[2];
	end += 3;
	for (int i = PPID; i < FIELDS && *end != '\0'; i++)
		field[i] = strtol(end, &end, 10);
	seconds = (field[UTIME] + field[STIME]) / ticks_per_second;
	printf("%5ld %5ld %5ld %c %3ld:%02ld.%02ld %6ldK %6ldK %s\n", strtol(text, NULL, 10),
	       field[PPID], field[PGRP], state, seconds / 60, seconds % 60,
	       (field[UTIME] + field[STIME]) % ticks_per_second * 100 / ticks_per_second,
	       field[VSIZE] / 1024, field[RSS] * (page_size / 1024), name + 1);
	return 0;
}

/*
 * A process may end between our reading its name and its file.
 */
static int
show(const char *pid)
{
	char path[64];
	char text[1024];
	ssize_t length;
	int gone;
	int fd;

	snprintf(path, sizeof(path), PROC "/%s/stat", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0 && (errno == ENOENT || errno == ESRCH))
		return 0;
	if (fd < 0) {
		warn("%s", path);
		return 1;
	}
	length = read(fd, text, sizeof(text) - 1);
	gone = length < 0 && errno == ESRCH;
	if (length < 0 && !gone)
		warn("%s", path);
	close(fd);
	if (length < 0)
		return !gone;
	text[length] = '\0';
	if (print(text) == 0)
		return 0;
	warnx("%s: not understood", path);
	return 1;
}

static int
compare(const void *a, const void *b)
{
	long p = strtol(*(char *const *)a, NULL, 10);
	long q = strtol(*(char *const *)b, NULL, 10);

	return (p > q) - (p < q);
}

int
main(int argc, char **argv)
{
	char **names;
	size_t count = 0;
	int status = 0;

	while (tool_option(argc, argv, "aefux", USAGE) != -1)
		continue; // habits from elsewhere: it lists all in any case
	if (optind < argc)
		tool_usage(USAGE);
	ticks_per_second = sysconf(_SC_CLK_TCK);
	if (ticks_per_second <= 0)
		ticks_per_second = 100;
	page_size = sysconf(_SC_PAGESIZE);
	names = tool_names(PROC);
	if (names == NULL)
		err(EXIT_FAILURE, PROC);
	while (names[count] != NULL)
		count++;
	qsort(names, count, sizeof(*names), compare);
	puts("  PID  PPID  PGRP S     TIME    SIZE     RSS NAME");
	for (char **name = names; *name != NULL; name++) {
		if (isdigit((unsigned char)**name))
			status |= show(*name);
	}
	tool_free_names(names);
	tool_exit(status);
}
