// SPDX-License-Identifier: MIT
/*
 * Dates against the host's, in UTC, and strftime() in the C locale.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unit.h"

struct tm *lib_gmtime_r(const time_t *time, struct tm *tm);
time_t lib_timegm(struct tm *tm);
size_t lib_strftime(char *text, size_t size, const char *format, const struct tm *tm);
char *lib_asctime_r(const struct tm *tm, char *text);

static int
same(const struct tm *a, const struct tm *b)
{
	return a->tm_sec == b->tm_sec && a->tm_min == b->tm_min && a->tm_hour == b->tm_hour &&
	       a->tm_mday == b->tm_mday && a->tm_mon == b->tm_mon && a->tm_year == b->tm_year &&
	       a->tm_wday == b->tm_wday && a->tm_yday == b->tm_yday;
}

static void
test_time(time_t time)
{
	static const char *const formats[] = {
		"%a %A %b %B %h",
		"%C %d %e %F %D %g %G %V",
		"%H %I %j %m %M %p %r %R %S %T",
		"%u %U %w %W %y %Y %%",
		"%c|%x|%X",
		"%s%n%t%k %l",
		"%z",
		"%Ey %Od",
	};
	struct tm got, want, copy;

	CHECK(lib_gmtime_r(&time, &got) == &got);
	gmtime_r(&time, &want);
	unit_checks++;
	if (!same(&got, &want))
		unit_fail(__FILE__, __LINE__, "gmtime(%ld) is wrong", time);
	copy = got;
	CHECK(lib_timegm(&copy) == time);
	CHECK(same(&copy, &want));
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char a[256], b[256];
		size_t length = lib_strftime(a, sizeof(a), formats[i], &want);

		CHECK(length == strftime(b, sizeof(b), formats[i], &want));
		CHECK_TEXT(a, b, "strftime \"%s\" of %ld", formats[i], time);
	}
}

/*
 * Fields out of their range come back into it.
 */
static void
test_normalising(void)
{
	for (int i = 0; i < 20000; i++) {
		struct tm got = {
			.tm_sec = (int)unit_below(200000) - 100000,
			.tm_min = (int)unit_below(20000) - 10000,
			.tm_hour = (int)unit_below(2000) - 1000,
			.tm_mday = (int)unit_below(2000) - 1000,
			.tm_mon = (int)unit_below(200) - 100,
			.tm_year = (int)unit_below(400) - 100,
		};
		struct tm want = got;

		CHECK(lib_timegm(&got) == timegm(&want));
		CHECK(same(&got, &want));
	}
}

static void
test_limits(void)
{
	struct tm tm = { .tm_mday = 1, .tm_year = 126 };
	time_t huge = LONG_MAX;
	char text[32];

	unit_errno = 0;
	CHECK(lib_gmtime_r(&huge, &tm) == NULL && unit_errno != 0);
	huge = LONG_MIN;
	CHECK(lib_gmtime_r(&huge, &tm) == NULL);
	tm = (struct tm){ .tm_mday = 1, .tm_year = 126 };
	CHECK(lib_strftime(text, 10, "%Y-%m-%d", &tm) == 0);
	CHECK(lib_strftime(text, 11, "%Y-%m-%d", &tm) == 10);
	CHECK_TEXT(text, "2026-01-01", "fits exactly");
	CHECK(lib_strftime(text, sizeof(text), "%", &tm) == 1);
	CHECK(lib_strftime(text, sizeof(text), "%Q", &tm) == 2);
	CHECK_TEXT(text, "%Q", "unknown conversion");
	lib_timegm(&tm);
	CHECK_TEXT(lib_asctime_r(&tm, text), "Thu Jan  1 00:00:00 2026\n", "asctime");
}

int
main(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	for (int i = 0; i < 20000; i++)
		test_time((time_t)unit_below(8000000000) - 4000000000);
	for (int i = 0; i < 2000; i++)
		test_time((time_t)unit_below(400000000000000) - 60000000000);
	for (time_t day = -800; day < 800; day++)
		test_time(day * 86400 + (time_t)unit_below(86400));
	test_normalising();
	test_limits();
	return unit_end(300000);
}
