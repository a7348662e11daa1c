// SPDX-License-Identifier: MIT
/*
 * Signals that meet a process asleep in a call, running, or stopped; and the
 * faults that a program causes itself.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <abi/limits.h>

#include "lib/test.h"

static volatile sig_atomic_t calls;
static siginfo_t last_info;
static int fds[2];
static volatile char *volatile nowhere = (volatile char *)16; // never mapped

static void
count(int sig)
{
	(void)sig;
	calls++;
}

static void
handle(int sig, int flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = count;
	action.sa_flags = flags;
	CHECK_EQ(sigaction(sig, &action, NULL), 0);
}

// Start a child that sends us a signal again and again until it is killed.
static pid_t
pester(int sig, unsigned ms)
{
	pid_t pid = test_fork();

	if (pid == 0) {
		for (;;) {
			test_sleep_ms(ms);
			kill(getppid(), sig);
		}
	}
	return pid;
}

static void
stop_pestering(pid_t pid)
{
	kill(pid, SIGKILL);
	CHECK_KILLED(pid, SIGKILL);
}

static void
read_is_interrupted(void)
{
	char c;

	CHECK_EQ(pipe(fds), 0);
	handle(SIGUSR1, 0);
	pid_t pid = pester(SIGUSR1, 20);
	CHECK_ERROR(read(fds[0], &c, 1), EINTR);
	CHECK(calls >= 1);
	stop_pestering(pid);
}

static void
read_is_restarted(void)
{
	char c = 0;

	CHECK_EQ(pipe(fds), 0);
	handle(SIGUSR1, SA_RESTART);
	pid_t pid = test_fork();
	if (pid == 0) {
		for (int i = 0; i < 5; i++) {
			test_sleep_ms(10);
			kill(getppid(), SIGUSR1);
		}
		test_sleep_ms(10);
		test_write_all(fds[1], "x", 1);
		_exit(0);
	}
	CHECK_EQ(read(fds[0], &c, 1), 1);
	CHECK_EQ(c, 'x');
	CHECK(calls >= 1);
	CHECK_EXITS(pid, 0);
}

// A write that has done a part says how much.
static void
write_is_interrupted(void)
{
	static char data[1 << 20];

	CHECK_EQ(pipe(fds), 0);
	handle(SIGUSR1, 0);
	pid_t pid = pester(SIGUSR1, 20);
	ssize_t n = write(fds[1], data, sizeof(data));
	CHECK(n >= PIPE_BUF && n < (ssize_t)sizeof(data));
	CHECK_ERROR(write(fds[1], data, PIPE_BUF), EINTR);
	stop_pestering(pid);
}

static void
wait_is_interrupted(void)
{
	handle(SIGUSR1, 0);
	pid_t pid = pester(SIGUSR1, 20);
	CHECK_ERROR(waitpid(pid, NULL, 0), EINTR);
	stop_pestering(pid);
}

static void
sleep_is_interrupted(void)
{
	struct timespec left = { 0, 0 }, t = { 100, 0 };

	handle(SIGUSR1, SA_RESTART); // a sleep is not restarted even so
	pid_t pid = pester(SIGUSR1, 50);
	CHECK_ERROR(nanosleep(&t, &left), EINTR);
	CHECK(left.tv_sec >= 50 && left.tv_sec <= 99);
	stop_pestering(pid);
}

// A stop and continuation between is nobody's business.
static void
sleep_goes_on_after_a_stop(void)
{
	pid_t pid = test_fork();

	if (pid == 0) {
		struct timespec t = { 0, 300000000 };
		uint64_t start = test_now_ns();
		CHECK_EQ(nanosleep(&t, NULL), 0);
		CHECK(test_now_ns() - start >= 300000000);
		_exit(0);
	}
	test_sleep_ms(50);
	kill(pid, SIGSTOP);
	test_sleep_ms(50);
	kill(pid, SIGCONT);
	CHECK_EXITS(pid, 0);
}

static void
suspend_opens_the_mask(void)
{
	sigset_t set, none, old;

	handle(SIGUSR1, 0);
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(calls, 0);
	CHECK_ERROR(sigsuspend(&none), EINTR);
	CHECK_EQ(calls, 1);
	CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &old), 0);
	CHECK(sigismember(&old, SIGUSR1));
	pid_t pid = pester(SIGUSR1, 10);
	CHECK_ERROR(sigsuspend(&none), EINTR);
	CHECK_EQ(calls, 2);
	stop_pestering(pid);
}

static void
block_in_read(int unused)
{
	char c;

	(void)unused;
	(void)!read(fds[0], &c, 1);
}

static void
block_in_write(int unused)
{
	static char data[1 << 20];

	(void)unused;
	(void)!write(fds[1], data, sizeof(data));
}

static void
block_in_wait(int unused)
{
	(void)unused;
	pid_t pid = test_fork();
	if (pid == 0)
		for (;;)
			pause();
	waitpid(pid, NULL, 0);
}

static void
spin(int unused)
{
	(void)unused;
	for (volatile unsigned i = 0;; i++)
		continue;
}

static void
stop_myself(int unused)
{
	(void)unused;
	kill(getpid(), SIGSTOP);
}

static void
block_everything(int unused)
{
	sigset_t all;

	(void)unused;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (;;)
		pause();
}

// Nothing holds up SIGKILL.
static void
kill_in_every_state(void)
{
	static void (*const states[])(int) = { block_in_read, block_in_write, block_in_wait,
					       spin,          stop_myself,    block_everything };

	CHECK_EQ(pipe(fds), 0);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		pid_t pid = test_child(states[i], 0);
		test_sleep_ms(30);
		CHECK_EQ(kill(pid, SIGKILL), 0);
		CHECK_KILLED(pid, SIGKILL);
	}
	kill(0, SIGCONT);
}

static char *map_me;

// Mend what was wrong, so that the instruction can be tried again.
static void
map_and_return(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	calls++;
	last_info = *info;
	if (mmap(map_me, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		_exit(TEST_FAILED);
}

static void
catch_faults(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = map_and_return;
	action.sa_flags = SA_SIGINFO;
	CHECK_EQ(sigaction(SIGSEGV, &action, NULL), 0);
}

static void
fault_is_mended(void)
{
	catch_faults();
	map_me = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(map_me != MAP_FAILED);
	*(volatile char *)(map_me + 123) = 'x'; // not writable
	CHECK_EQ(calls, 1);
	CHECK_EQ(last_info.si_signo, SIGSEGV);
	CHECK_EQ(last_info.si_code, SEGV_ACCERR);
	CHECK_EQ(last_info.si_addr, map_me + 123);
	CHECK_EQ(map_me[123], 'x');
	CHECK_EQ(munmap(map_me, 4096), 0);
	*(volatile char *)(map_me + 7) = 'y'; // not mapped
	CHECK_EQ(calls, 2);
	CHECK_EQ(last_info.si_code, SEGV_MAPERR);
	CHECK_EQ(last_info.si_addr, map_me + 7);
	CHECK_EQ(map_me[7], 'y');
}

static void
fault_with_the_signal_blocked(void)
{
	sigset_t all;

	catch_faults();
	signal(SIGSEGV, SIG_IGN);
	CHECK_DIES(SIGSEGV, *nowhere = 1);
	catch_faults();
	sigfillset(&all);
	CHECK_EQ(sigprocmask(SIG_SETMASK, &all, NULL), 0);
	CHECK_DIES(SIGSEGV, *nowhere = 1);
}

static void
fault_again(int sig)
{
	(void)sig;
	*nowhere = 1;
}

static void
fault_in_the_handler(void)
{
	signal(SIGSEGV, fault_again);
	CHECK_DIES(SIGSEGV, *nowhere = 1);
}

// Handlers that interrupt a busy program change nothing in it.
static void
storm(void)
{
	uint64_t sum = 0, expected = 0;

	handle(SIGUSR1, SA_RESTART);
	pid_t pid = pester(SIGUSR1, 1);
	for (uint64_t i = 0; i < 300000 || calls < 20; i++) {
		sum = sum * 3 + i;
		expected = expected + expected + expected + i;
		CHECK_EQ(sum, expected);
	}
	stop_pestering(pid);
}

static const struct test tests[] = {
	TEST(read_is_interrupted),    TEST(read_is_restarted),
	TEST(write_is_interrupted),   TEST(wait_is_interrupted),
	TEST(sleep_is_interrupted),   TEST(sleep_goes_on_after_a_stop),
	TEST(suspend_opens_the_mask), TEST(kill_in_every_state),
	TEST(fault_is_mended),        TEST(fault_with_the_signal_blocked),
	TEST(fault_in_the_handler),   TEST(storm),
};

TEST_MAIN(tests)
