// SPDX-License-Identifier: MIT
/*
 * Clocks and sleeps: never early, never back.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/raw.h"
#include "lib/test.h"

#define MS UINT64_C(1000000)

static uint64_t
to_ns(struct timespec t)
{
	CHECK(t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t
clock_ns(clockid_t clock)
{
	struct timespec t;

	CHECK_EQ(clock_gettime(clock, &t), 0);
	return to_ns(t);
}

static void
monotonic_never_goes_back(void)
{
	uint64_t last = clock_ns(CLOCK_MONOTONIC), first = last;

	for (int i = 0; i < 20000; i++) {
		uint64_t now = clock_ns(CLOCK_MONOTONIC);
		CHECK(now >= last);
		last = now;
	}
	CHECK(last > first);
}

// Also from one hart to the next: processes hand the time round.
static void
monotonic_on_all_harts(void)
{
	int p[2];
	uint64_t t = 0, now;

	CHECK_EQ(pipe(p), 0);
	test_write_all(p[1], &t, sizeof(t));
	for (int i = 0; i < 4; i++) {
		if (test_fork() == 0) {
			for (int turn = 0; turn < 300; turn++) {
				test_read_all(p[0], &t, sizeof(t));
				now = clock_ns(CLOCK_MONOTONIC);
				CHECK(now >= t);
				test_write_all(p[1], &now, sizeof(now));
			}
			_exit(0);
		}
	}
	for (int i = 0, status; i < 4; i++) {
		CHECK(wait(&status) > 0);
		CHECK_EQ(status, 0);
	}
}

static void
sleep_is_never_early(void)
{
	static const uint64_t lengths[] = { 0,      1,       1000,   100000,   999999,
					    1 * MS, 1500000, 7 * MS, 10000001, 100 * MS };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct timespec t = { 0, (long)lengths[i] };
		uint64_t start = clock_ns(CLOCK_MONOTONIC);
		CHECK_EQ(nanosleep(&t, NULL), 0);
		uint64_t slept = clock_ns(CLOCK_MONOTONIC) - start;
		CHECK(slept >= lengths[i]);
		CHECK(slept < lengths[i] + 5000 * MS); // and not for ever
	}
}

static void
many_sleepers(void)
{
	for (unsigned i = 0; i < 30; i++) {
		if (test_fork() == 0) {
			uint64_t length = (i * 37 % 30 + 1) * 3 * MS;
			struct timespec t = { 0, (long)length };
			uint64_t start = clock_ns(CLOCK_MONOTONIC);
			CHECK_EQ(nanosleep(&t, NULL), 0);
			CHECK(clock_ns(CLOCK_MONOTONIC) - start >= length);
			_exit(0);
		}
	}
	for (int i = 0, status; i < 30; i++) {
		CHECK(wait(&status) > 0);
		CHECK_EQ(status, 0);
	}
}

static void
sleep_until(void)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + 50 * MS;
	struct timespec t = { (time_t)(end / 1000000000), (long)(end % 1000000000) };

	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL), 0);
	CHECK(clock_ns(CLOCK_MONOTONIC) >= end);
	// A time that is past is no time to wait.
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL), 0);
	t = (struct timespec){ 1, 0 };
	CHECK_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL), 0);
}

static void
bad_times(void)
{
	static const struct timespec bad[] = {
		{ 0, -1 }, { 0, 1000000000 }, { -1, 0 }, { 1, INT64_MAX }, { INT64_MIN, 500 }
	};
	struct timespec t = { 0, 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_EQ(RAW(SYS_nanosleep, &bad[i], NULL), -EINVAL);
	CHECK_EQ(RAW(SYS_clock_gettime, 4711, &t), -EINVAL);
	CHECK_EQ(RAW(SYS_clock_nanosleep, 4711, 0, &t, NULL), -EINVAL);
	CHECK_EQ(RAW(SYS_clock_getres, CLOCK_MONOTONIC, &t), 0);
	CHECK(to_ns(t) > 0 && to_ns(t) <= 10 * MS);
	CHECK_EQ(RAW(SYS_clock_getres, CLOCK_MONOTONIC, NULL), 0);
}

// The longest sleep there is does not end at once.
static void
very_long_sleep(void)
{
	struct timespec longest = { INT64_MAX, 999999999 };
	pid_t pid = test_fork();

	if (pid == 0) {
		nanosleep(&longest, NULL);
		_exit(1);
	}
	test_sleep_ms(50);
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	CHECK_KILLED(pid, SIGKILL);
}

static void
real_time(void)
{
	uint64_t now = clock_ns(CLOCK_REALTIME);
	time_t seconds = time(NULL);

	CHECK(now / 1000000000 > 1500000000); // after 2017: the machine has a clock
	CHECK(seconds - (time_t)(now / 1000000000) <= 1);
}

// Processor time is counted while a process runs, and not while it sleeps.
static void
processor_time(void)
{
	uint64_t start = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	test_sleep_ms(200);
	CHECK(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start < 150 * MS);
	start = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + 100 * MS;
	while (clock_ns(CLOCK_MONOTONIC) < end)
		continue;
	uint64_t used = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start;
	CHECK(used > 0 && used <= clock_ns(CLOCK_MONOTONIC) - end + 101 * MS);
}

static const struct test tests[] = {
	TEST(monotonic_never_goes_back),
	TEST(monotonic_on_all_harts),
	TEST(sleep_is_never_early),
	TEST(many_sleepers),
	TEST(sleep_until),
	TEST(bad_times),
	TEST(very_long_sleep),
	TEST(real_time),
	TEST(processor_time),
};

TEST_MAIN(tests)
