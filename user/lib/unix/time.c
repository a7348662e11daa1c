// SPDX-License-Identifier: MIT
/*
 * Clocks and sleeping.
 */
#include <errno.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../start/result.h"

#define NS_PER_US 1000

int
clock_nanosleep(clockid_t clock, int flags, const struct timespec *request, struct timespec *left)
{
	return (int)-__sys_clock_nanosleep(clock, (unsigned int)flags, (void *)request, left);
}

time_t
time(time_t *now)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_REALTIME, &ts);
	if (now != NULL)
		*now = ts.tv_sec;
	return ts.tv_sec;
}

clock_t
clock(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) < 0)
		return -1;
	return ts.tv_sec * CLOCKS_PER_SEC + ts.tv_nsec / NS_PER_US;
}

double
difftime(time_t end, time_t start)
{
	return (double)end - (double)start;
}

int
gettimeofday(struct timeval *now, void *zone)
{
	struct timespec ts;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &ts) < 0)
		return -1;
	now->tv_sec = ts.tv_sec;
	now->tv_usec = ts.tv_nsec / NS_PER_US;
	return 0;
}

int
settimeofday(const struct timeval *now, const void *zone)
{
	struct timespec ts = { now->tv_sec, now->tv_usec * NS_PER_US };

	(void)zone;
	return clock_settime(CLOCK_REALTIME, &ts);
}

unsigned int
sleep(unsigned int seconds)
{
	struct timespec ts = { .tv_sec = seconds };

	if (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		return (unsigned int)ts.tv_sec + (ts.tv_nsec > 0);
	return 0;
}

int
usleep(unsigned int microseconds)
{
	struct timespec ts = { microseconds / 1000000, microseconds % 1000000 * NS_PER_US };

	return nanosleep(&ts, NULL);
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	return (int)__result(__sys_clock_gettime(clock, now));
}

int
clock_settime(clockid_t clock, const struct timespec *now)
{
	return (int)__result(__sys_clock_settime(clock, (void *)now));
}

int
clock_getres(clockid_t clock, struct timespec *resolution)
{
	return (int)__result(__sys_clock_getres(clock, resolution));
}

int
nanosleep(const struct timespec *request, struct timespec *left)
{
	return (int)__result(__sys_nanosleep((void *)request, left));
}
