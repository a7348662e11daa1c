// SPDX-License-Identifier: MIT
/*
 * Print the date and time, in UTC, or set it.
 *
 * A date to be set or, with -d, to be shown is written 2026-11-21, 2026-11-21 13:45
 * or 2026-11-21T13:45:00, 13:45 (today) or @ and seconds since 1970.
 */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tool.h>
#include <unistd.h>

#define USAGE    "date [-u] [-d date] [-s date] [+format]"
#define FORMAT   "%a %b %e %H:%M:%S UTC %Y"
#define TEXT_MAX 65536

/*
 * A number of up to so many digits that lies within the bounds, followed by
 * the separator, if there is one to be.
 */
static int
take(const char **text, int digits, int low, int high, char separator, int *value)
{
	const char *p = *text;
	int n = 0;

	while (digits-- > 0 && isdigit((unsigned char)*p))
		n = n * 10 + (*p++ - '0');
	if (p == *text || n < low || n > high)
		return -1;
	if (separator != '\0' && *p++ != separator)
		return -1;
	*text = p;
	*value = n;
	return 0;
}

static int
parse_day(const char **text, struct tm *tm)
{
	int year, month;

	if (take(text, 4, 0, 9999, '-', &year) < 0 || take(text, 2, 1, 12, '-', &month) < 0 ||
	    take(text, 2, 1, 31, '\0', &tm->tm_mday) < 0)
		return -1;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return 0;
}

static int
parse_clock(const char *text, struct tm *tm)
{
	if (take(&text, 2, 0, 23, ':', &tm->tm_hour) < 0 ||
	    take(&text, 2, 0, 59, '\0', &tm->tm_min) < 0)
		return -1;
	if (*text == ':') {
		text++;
		if (take(&text, 2, 0, 60, '\0', &tm->tm_sec) < 0)
			return -1;
	}
	return *text == '\0' || strcmp(text, "Z") == 0 ? 0 : -1;
}

static time_t
parse(const char *text)
{
	const char *p = text;
	time_t now = time(NULL);
	struct tm tm;
	int day;

	if (*text == '@') {
		char *end;
		time_t seconds = strtol(text + 1, &end, 10);

		if (end == text + 1 || *end != '\0')
			errx(2, "'%s' is not a date", text);
		return seconds;
	}
	gmtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	if (strchr(text, '-') != NULL) {
		if (parse_day(&p, &tm) < 0)
			errx(2, "'%s' is not a date", text);
		if (*p == ' ' || *p == 'T')
			p++;
	}
	if ((*p != '\0' || p == text) && parse_clock(p, &tm) < 0)
		errx(2, "'%s' is not a date", text);
	day = tm.tm_mday;
	now = timegm(&tm);
	if (tm.tm_mday != day)
		errx(2, "'%s' is not a date", text);
	return now;
}

int
main(int argc, char **argv)
{
	static char text[TEXT_MAX];
	const char *format = FORMAT;
	time_t when = time(NULL);
	struct tm tm;
	int option;

	while ((option = tool_option(argc, argv, "ud:s:", USAGE)) != -1) {
		struct timespec ts = { 0 };

		if (option == 'u')
			continue;
		when = ts.tv_sec = parse(optarg);
		if (option == 's' && clock_settime(CLOCK_REALTIME, &ts) < 0)
			err(EXIT_FAILURE, "cannot set the clock");
	}
	if (argc - optind > 1 || (optind < argc && argv[optind][0] != '+'))
		tool_usage(USAGE);
	if (optind < argc)
		format = argv[optind] + 1;
	if (gmtime_r(&when, &tm) == NULL)
		err(EXIT_FAILURE, "%ld", when);
	if (*format != '\0' && strftime(text, sizeof(text), format, &tm) == 0)
		text[0] = '\0';
	puts(text);
	tool_exit(0);
}
