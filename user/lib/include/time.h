// SPDX-License-Identifier: MIT
/*
 * Clocks and dates.  Local time is UTC.
 */
#pragma once

#include <sys/types.h>

#include <abi/time.h>

#define CLOCKS_PER_SEC 1000000L

struct tm {
	int tm_sec;
	int tm_min;
	int tm_hour;
	int tm_mday; // 1 to 31
	int tm_mon;  // 0 to 11
	int tm_year; // since 1900
	int tm_wday; // 0 is Sunday
	int tm_yday; // 0 to 365
	int tm_isdst;
	long tm_gmtoff;
	const char *tm_zone;
};

time_t time(time_t *now);
clock_t clock(void);
double difftime(time_t end, time_t start);
int clock_gettime(clockid_t clock, struct timespec *now);
int clock_settime(clockid_t clock, const struct timespec *now);
int clock_getres(clockid_t clock, struct timespec *resolution);
int nanosleep(const struct timespec *request, struct timespec *left);

// Returns an error number; it does not set errno.
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left);

struct tm *gmtime(const time_t *time);
struct tm *gmtime_r(const time_t *time, struct tm *tm);
struct tm *localtime(const time_t *time);
struct tm *localtime_r(const time_t *time, struct tm *tm);

// Fields out of range are brought into it; tm_wday and tm_yday are set.
time_t mktime(struct tm *tm);
time_t timegm(struct tm *tm);

char *asctime(const struct tm *tm);
char *asctime_r(const struct tm *tm, char *text);
char *ctime(const time_t *time);
size_t strftime(char *text, size_t size, const char *format, const struct tm *tm);
