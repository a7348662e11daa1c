// SPDX-License-Identifier: MIT
/*
 * From seconds since 1970 to dates and back, in UTC.
 *
 * Days are counted in years that begin with March, so that the leap day is the
 * last of its year; 400 such years have 146,097 days.
 */
#include <errno.h>
#include <limits.h>
#include <time.h>

#define MINUTE         60
#define HOUR           3600
#define DAY            86400
#define DAYS_400_YEARS 146097
#define DAYS_TO_1970   719468 // from 1 March of the year 0
#define THURSDAY       4      // 1 January 1970 was one

static long
floor_div(long n, long d)
{
	return n / d - (n % d < 0);
}

/*
 * Days since 1970 of a date; month is 0 to 11, day may be anything.
 */
static long
days_of(long year, long month, long day)
{
	long from_march = (month + 10) % 12; // March is 0
	long shifted = year - (month < 2);   // January and February end the year before
	long era = floor_div(shifted, 400);
	long of_era = shifted - era * 400;

	// Months from March on have 31 30 31 30 31, twice and a bit: 153 days in 5.
	return era * DAYS_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 +
	       (from_march * 153 + 2) / 5 + day - 1 - DAYS_TO_1970;
}

static long
year_of(long days)
{
	long year = 1970 + floor_div(days * 400, DAYS_400_YEARS);

	// The guess is at most one off, since leap years are not spread evenly.
	while (days_of(year, 0, 1) > days)
		year--;
	while (days_of(year + 1, 0, 1) <= days)
		year++;
	return year;
}

struct tm *
gmtime_r(const time_t *time, struct tm *tm)
{
	long days = floor_div(*time, DAY);
	long seconds = *time - days * DAY;
	long year;
	long month = 11;

	if (days > (long)INT_MAX * 365 || days < (long)INT_MIN * 365) {
		errno = EOVERFLOW;
		return NULL;
	}
	year = year_of(days);
	if (year - 1900 > INT_MAX || year - 1900 < INT_MIN) {
		errno = EOVERFLOW;
		return NULL;
	}
	while (days_of(year, month, 1) > days)
		month--;
	*tm = (struct tm){
		.tm_sec = (int)(seconds % MINUTE),
		.tm_min = (int)(seconds % HOUR / MINUTE),
		.tm_hour = (int)(seconds / HOUR),
		.tm_mday = (int)(days - days_of(year, month, 1)) + 1,
		.tm_mon = (int)month,
		.tm_year = (int)(year - 1900),
		.tm_wday = (int)(days + THURSDAY - floor_div(days + THURSDAY, 7) * 7),
		.tm_yday = (int)(days - days_of(year, 0, 1)),
		.tm_zone = "UTC",
	};
	return tm;
}

time_t
timegm(struct tm *tm)
{
	long years = floor_div(tm->tm_mon, 12);
	long days = days_of(1900L + tm->tm_year + years, tm->tm_mon - years * 12, tm->tm_mday);
	time_t time =
		days * DAY + (long)tm->tm_hour * HOUR + (long)tm->tm_min * MINUTE + tm->tm_sec;

	return gmtime_r(&time, tm) == NULL ? -1 : time;
}

struct tm *
gmtime(const time_t *time)
{
	static struct tm tm;

	return gmtime_r(time, &tm);
}

struct tm *
localtime_r(const time_t *time, struct tm *tm)
{
	return gmtime_r(time, tm);
}

struct tm *
localtime(const time_t *time)
{
	return gmtime(time);
}

time_t
mktime(struct tm *tm)
{
	return timegm(tm);
}
