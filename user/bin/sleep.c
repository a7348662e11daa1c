// SPDX-License-Identifier: MIT
/*
 * Wait for so many seconds; with a letter, minutes (m), hours (h) or days (d).
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tool.h>
#include <unistd.h>

#define USAGE    "sleep number[smhd] ..."
#define NS_PER_S 1000000000
#define LONGEST  1e15 // seconds

static double
parse(const char *text)
{
	double seconds;
	char *end;

	errno = 0;
	seconds = strtod(text, &end);
	if (end == text || !(seconds >= 0) || (*end != '\0' && end[1] != '\0'))
		errx(2, "'%s' is not a time", text);
	switch (*end) {
	case '\0':
	case 's':
		return seconds;
	case 'm':
		return seconds * 60;
	case 'h':
		return seconds * 3600;
	case 'd':
		return seconds * 86400;
	default:
		errx(2, "'%s' is not a time", text);
	}
}

int
main(int argc, char **argv)
{
	double seconds = 0;
	struct timespec ts;

	while (tool_option(argc, argv, "", USAGE) != -1)
		continue;
	if (optind == argc)
		tool_usage(USAGE);
	for (int i = optind; i < argc; i++)
		seconds += parse(argv[i]);
	if (seconds > LONGEST)
		seconds = LONGEST;
	ts.tv_sec = (time_t)seconds;
	ts.tv_nsec = (long)((seconds - (double)ts.tv_sec) * NS_PER_S);
	while (nanosleep(&ts, &ts) < 0) {
		if (errno != EINTR)
			err(EXIT_FAILURE, "sleeping");
	}
	return 0;
}
