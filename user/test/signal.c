// SPDX-License-Identifier: MIT
/*
 * Signals: handlers, masks, default actions, interrupted calls.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/test.h"

static volatile sig_atomic_t calls, last, depth, deepest;
static siginfo_t last_info;

static void
count(int sig)
{
	calls++;
	last = sig;
}

static void
keep_info(int sig, siginfo_t *info, void *context)
{
	(void)context;
	count(sig);
	last_info = *info;
}

static void
handle(int sig, void (*handler)(int), uint64_t flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = (int)flags;
	CHECK_EQ(sigaction(sig, &action, NULL), 0);
}

static void
handle_info(int sig, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = handler;
	action.sa_flags = SA_SIGINFO;
	CHECK_EQ(sigaction(sig, &action, NULL), 0);
}

static sigset_t
set_of(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return set;
}

static void
block(int how, int sig)
{
	sigset_t set = set_of(sig);

	CHECK_EQ(sigprocmask(how, &set, NULL), 0);
}

static bool
is_pending(int sig)
{
	sigset_t set;

	CHECK_EQ(sigpending(&set), 0);
	return sigismember(&set, sig);
}

static void
handler_runs(void)
{
	handle(SIGUSR1, count, 0);
	for (int i = 1; i <= 100; i++) {
		CHECK_EQ(kill(getpid(), SIGUSR1), 0);
		CHECK_EQ(calls, i); // before kill() returns
	}
	CHECK_EQ(last, SIGUSR1);
}

static void
handler_is_told_who(void)
{
	handle_info(SIGUSR2, keep_info);
	pid_t pid = test_fork();
	if (pid == 0) {
		kill(getppid(), SIGUSR2);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	while (calls == 0)
		test_sleep_ms(1);
	CHECK_EQ(last_info.si_signo, SIGUSR2);
	CHECK_EQ(last_info.si_code, SI_USER);
	CHECK_EQ(last_info.si_pid, pid);
	CHECK_EQ(last_info.si_uid, getuid());
}

static void
blocked_signal_waits(void)
{
	handle(SIGUSR1, count, 0);
	block(SIG_BLOCK, SIGUSR1);
	for (int i = 0; i < 5; i++)
		kill(getpid(), SIGUSR1);
	CHECK_EQ(calls, 0);
	CHECK(is_pending(SIGUSR1));
	CHECK(!is_pending(SIGUSR2));
	block(SIG_UNBLOCK, SIGUSR1);
	CHECK_EQ(calls, 1); // a signal that waits already is not counted
	CHECK(!is_pending(SIGUSR1));
}

static void
mask_arguments(void)
{
	sigset_t set = set_of(SIGUSR1), old;

	CHECK_EQ(sigprocmask(SIG_SETMASK, &set, NULL), 0);
	CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &old), 0);
	CHECK(sigismember(&old, SIGUSR1));
	CHECK(!sigismember(&old, SIGUSR2));
	CHECK_ERROR(sigprocmask(42, &set, NULL), EINVAL);
	// These two can't be blocked; asking for it is no error.
	sigfillset(&set);
	CHECK_EQ(sigprocmask(SIG_SETMASK, &set, NULL), 0);
	CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &old), 0);
	CHECK(!sigismember(&old, SIGKILL));
	CHECK(!sigismember(&old, SIGSTOP));
	CHECK(sigismember(&old, SIGTERM));
}

static void
nest(int sig)
{
	(void)sig;
	calls++;
	if (++depth > deepest)
		deepest = depth;
	if (calls < 3)
		kill(getpid(), SIGUSR1);
	depth--;
}

static void
handler_blocks_its_own_signal(void)
{
	handle(SIGUSR1, nest, 0);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(calls, 3);
	CHECK_EQ(deepest, 1);
	calls = 0;
	handle(SIGUSR1, nest, SA_NODEFER);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(calls, 3);
	CHECK_EQ(deepest, 3);
}

static void
raise_other(int sig)
{
	(void)sig;
	kill(getpid(), SIGUSR2);
	depth = calls; // whether the other handler has run by now
}

static void
handler_blocks_its_mask(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = raise_other;
	sigaddset(&action.sa_mask, SIGUSR2);
	CHECK_EQ(sigaction(SIGUSR1, &action, NULL), 0);
	handle(SIGUSR2, count, 0);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(depth, 0);
	CHECK_EQ(calls, 1);
	handle(SIGUSR1, raise_other, 0);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(depth, 2);
}

static void
one_shot(void)
{
	struct sigaction old;

	handle(SIGUSR1, count, (unsigned)SA_RESETHAND);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(calls, 1);
	CHECK_EQ(sigaction(SIGUSR1, NULL, &old), 0);
	CHECK(old.sa_handler == SIG_DFL);
	CHECK_DIES(SIGUSR1, kill(getpid(), SIGUSR1));
}

static void
actions_are_told_back(void)
{
	struct sigaction action, old;

	memset(&action, 0, sizeof(action));
	action.sa_handler = count;
	action.sa_flags = SA_RESTART;
	sigaddset(&action.sa_mask, SIGHUP);
	CHECK_EQ(sigaction(SIGTERM, &action, &old), 0);
	CHECK(old.sa_handler == SIG_DFL);
	CHECK_EQ(sigaction(SIGTERM, NULL, &old), 0);
	CHECK(old.sa_handler == count);
	CHECK(sigismember(&old.sa_mask, SIGHUP));
	CHECK((old.sa_flags & SA_RESTART) != 0);
	CHECK_ERROR(sigaction(SIGKILL, &action, NULL), EINVAL);
	CHECK_ERROR(sigaction(SIGSTOP, &action, NULL), EINVAL);
	CHECK_ERROR(sigaction(0, &action, NULL), EINVAL);
	CHECK_ERROR(sigaction(65, &action, NULL), EINVAL);
}

static void
kill_arguments(void)
{
	CHECK_ERROR(kill(getpid(), 65), EINVAL);
	CHECK_ERROR(kill(getpid(), -1), EINVAL);
	CHECK_ERROR(kill(999999, SIGTERM), ESRCH);
	CHECK_ERROR(kill(-999999, SIGTERM), ESRCH);
	CHECK_EQ(kill(getpid(), 0), 0);
}

static void
kill_a_group(void)
{
	pid_t pid[3];

	for (int i = 0; i < 3; i++) {
		pid[i] = test_fork();
		if (pid[i] == 0)
			for (;;)
				pause();
		CHECK_EQ(setpgid(pid[i], pid[0]), 0);
	}
	CHECK_EQ(kill(-pid[0], SIGTERM), 0);
	for (int i = 0; i < 3; i++)
		CHECK_KILLED(pid[i], SIGTERM);
	handle(SIGUSR1, count, 0);
	CHECK_EQ(kill(0, SIGUSR1), 0);
	CHECK_EQ(calls, 1);
}

static void
default_actions(void)
{
	static const int deadly[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGILL,    SIGABRT, SIGBUS,
				      SIGFPE,  SIGUSR1, SIGSEGV, SIGUSR2,   SIGPIPE, SIGALRM,
				      SIGTERM, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGSYS };
	static const int harmless[] = { SIGCHLD, SIGCONT, SIGURG, SIGWINCH };

	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		CHECK_DIES(deadly[i], kill(getpid(), deadly[i]));
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		kill(getpid(), harmless[i]);
}

static void
ignored_signals(void)
{
	signal(SIGTERM, SIG_IGN);
	kill(getpid(), SIGTERM);
	block(SIG_BLOCK, SIGTERM);
	kill(getpid(), SIGTERM);
	block(SIG_UNBLOCK, SIGTERM);
	// Ignoring throws away what waits.
	block(SIG_BLOCK, SIGUSR1);
	kill(getpid(), SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	CHECK(!is_pending(SIGUSR1));
	signal(SIGUSR1, SIG_DFL);
	block(SIG_UNBLOCK, SIGUSR1);
}

static void
child_ends(void)
{
	handle_info(SIGCHLD, keep_info);
	pid_t pid = test_fork();
	if (pid == 0)
		_exit(37);
	while (calls == 0)
		test_sleep_ms(1);
	CHECK_EQ(last_info.si_pid, pid);
	CHECK_EQ(last_info.si_code, CLD_EXITED);
	CHECK_EQ(last_info.si_status, 37);
	CHECK_EXITS(pid, 37);
	pid = test_fork();
	if (pid == 0)
		for (;;)
			pause();
	calls = 0;
	kill(pid, SIGKILL);
	while (calls == 0)
		test_sleep_ms(1);
	CHECK_EQ(last_info.si_code, CLD_KILLED);
	CHECK_EQ(last_info.si_status, SIGKILL);
	CHECK_KILLED(pid, SIGKILL);
}

static void
ignored_children_leave_no_zombie(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < 3; i++)
		if (test_fork() == 0)
			_exit(0);
	CHECK_ERROR(wait(NULL), ECHILD); // waits for all, reports none
}

static const struct test tests[] = {
	TEST(handler_runs),
	TEST(handler_is_told_who),
	TEST(blocked_signal_waits),
	TEST(mask_arguments),
	TEST(handler_blocks_its_own_signal),
	TEST(handler_blocks_its_mask),
	TEST(one_shot),
	TEST(actions_are_told_back),
	TEST(kill_arguments),
	TEST(kill_a_group),
	TEST(default_actions),
	TEST(ignored_signals),
	TEST(child_ends),
	TEST(ignored_children_leave_no_zombie),
};

TEST_MAIN(tests)
