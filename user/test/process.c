// SPDX-License-Identifier: MIT
/*
 * Processes: fork, exit, wait4, orphans, groups, and many at a time.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/test.h"

static void
exit_with(int status)
{
	_exit(status);
}

static void
sleep_forever(int unused)
{
	(void)unused;
	for (;;)
		pause();
}

static void
fork_makes_a_copy(void)
{
	static int value = 1;
	int local = 1;
	pid_t me = getpid();
	pid_t pid = test_fork();

	if (pid == 0) {
		CHECK(getpid() != me);
		CHECK_EQ(getppid(), me);
		CHECK_EQ(value + local, 2);
		value = local = 7;
		_exit(value + local);
	}
	CHECK(pid > 0);
	CHECK_EXITS(pid, 14);
	CHECK_EQ(value + local, 2);
	CHECK_EQ(getpid(), me);
}

static void
exit_codes(void)
{
	static const int codes[] = { 0, 1, 42, 127, 128, 255, 256 + 3, -1 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		CHECK_EXITS(test_child(exit_with, codes[i]), codes[i] & 0xff);
}

static void
wait_status_of_a_signal(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGTERM };
	int status;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		pid_t pid = test_child(sleep_forever, 0);
		CHECK_EQ(kill(pid, signals[i]), 0);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status) && !WIFEXITED(status));
		CHECK_EQ(WTERMSIG(status), signals[i]);
	}
}

static void
wait_without_children(void)
{
	int status;

	CHECK_ERROR(wait(&status), ECHILD);
	CHECK_ERROR(waitpid(1, &status, 0), ECHILD);
	CHECK_ERROR(waitpid(-1, &status, WNOHANG), ECHILD);
	CHECK_ERROR(waitpid(getpid(), &status, 0), ECHILD);
}

static void
wait_bad_arguments(void)
{
	pid_t pid = test_child(exit_with, 3);

	CHECK_ERROR(waitpid(pid, NULL, 0x40), EINVAL);
	CHECK_ERROR(waitpid(pid + 1, NULL, 0), ECHILD);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK_ERROR(waitpid(pid, NULL, 0), ECHILD);
}

// The named child is waited for, whatever others do before.
static void
wait_for_one_of_three(void)
{
	pid_t pid[3];

	for (int i = 0; i < 3; i++)
		pid[i] = test_child(exit_with, i);
	test_sleep_ms(20);
	for (int i = 2; i >= 0; i--)
		CHECK_EXITS(pid[i], i);
	CHECK_ERROR(wait(NULL), ECHILD);
}

static void
wait_for_any(void)
{
	unsigned seen = 0;
	int status;

	for (int i = 0; i < 8; i++)
		test_child(exit_with, i);
	for (int i = 0; i < 8; i++) {
		CHECK(wait(&status) > 0);
		CHECK(WIFEXITED(status));
		seen |= 1u << WEXITSTATUS(status);
	}
	CHECK_EQ(seen, 0xff);
}

static void
wait_for_a_group(void)
{
	pid_t mine = test_child(sleep_forever, 0);
	pid_t other = test_child(sleep_forever, 0);
	int status;

	CHECK_EQ(setpgid(other, other), 0);
	CHECK_EQ(waitpid(-other, &status, WNOHANG), 0);
	kill(mine, SIGKILL);
	CHECK_EQ(waitpid(0, &status, 0), mine);
	CHECK_ERROR(waitpid(0, &status, 0), ECHILD);
	kill(-other, SIGKILL);
	CHECK_EQ(waitpid(-other, &status, 0), other);
	CHECK_EQ(WTERMSIG(status), SIGKILL);
}

static void
wait_without_hanging(void)
{
	int fds[2], status = 77;
	char c;

	CHECK_EQ(pipe(fds), 0);
	pid_t pid = test_fork();
	if (pid == 0) {
		close(fds[1]);
		CHECK_EQ(read(fds[0], &c, 1), 0);
		_exit(5);
	}
	close(fds[0]);
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_EQ(status, 77);
	close(fds[1]);
	while (waitpid(pid, &status, WNOHANG) == 0)
		test_sleep_ms(1);
	CHECK_EQ(WEXITSTATUS(status), 5);
}

static void
spin(int ms)
{
	test_spin_ms((unsigned)ms);
}

static void
wait_reports_usage(void)
{
	struct rusage usage;
	pid_t pid = test_child(spin, 60);
	int status;

	memset(&usage, 0xff, sizeof(usage));
	CHECK_EQ(wait4(pid, &status, 0, &usage), pid);
	long us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L +
		  usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
	CHECK(us >= 50000 && us < 30000000);
	CHECK(usage.ru_maxrss > 0);
}

static void
wait_for_stop_and_continue(void)
{
	pid_t pid = test_child(sleep_forever, 0);
	int status;

	kill(pid, SIGSTOP);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(WSTOPSIG(status), SIGSTOP);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
	kill(pid, SIGCONT);
	CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
	CHECK(WIFCONTINUED(status));
	kill(pid, SIGKILL);
	CHECK_KILLED(pid, SIGKILL);
}

static void
zombie_keeps_its_number(void)
{
	pid_t pid = test_child(exit_with, 0);

	test_sleep_ms(30);
	CHECK_EQ(kill(pid, 0), 0);
	CHECK_EQ(kill(pid, SIGTERM), 0); // to no effect
	CHECK_EXITS(pid, 0);
	CHECK_ERROR(kill(pid, 0), ESRCH);
}

static void
orphan_goes_to_init(void)
{
	int fds[2];
	pid_t parents[2];

	CHECK_EQ(pipe(fds), 0);
	pid_t middle = test_fork();
	if (middle == 0) {
		if (test_fork() == 0) {
			parents[0] = getppid();
			while (getppid() == parents[0])
				test_sleep_ms(1);
			parents[1] = getppid();
			test_write_all(fds[1], parents, sizeof(parents));
		} else {
			test_sleep_ms(20);
		}
		_exit(0);
	}
	CHECK_EXITS(middle, 0);
	test_read_all(fds[0], parents, sizeof(parents));
	CHECK_EQ(parents[0], middle);
	CHECK_EQ(parents[1], 1);
}

// Children that end after their parent are still waited for, by init.
static void
orphans_do_not_pile_up(void)
{
	int fds[2];
	char c;

	CHECK_EQ(pipe(fds), 0);
	for (int i = 0; i < 10; i++) {
		pid_t middle = test_fork();
		if (middle == 0) {
			for (int j = 0; j < 5; j++)
				test_child(exit_with, 0);
			_exit(0);
		}
		CHECK_EXITS(middle, 0);
	}
	close(fds[1]);
	CHECK_EQ(read(fds[0], &c, 1), 0); // all have ended
	CHECK_ERROR(wait(NULL), ECHILD);
}

static void
exit_closes_descriptors(void)
{
	int fds[2];
	char c;

	CHECK_EQ(pipe(fds), 0);
	pid_t pid = test_child(exit_with, 0);
	close(fds[1]);
	CHECK_EQ(read(fds[0], &c, 1), 0);
	CHECK_EXITS(pid, 0);
}

static void
offset_is_shared_with_the_child(void)
{
	char text[4] = "";

	test_make_file("f", 0, 0);
	int fd = open("f", O_RDWR);
	test_write_all(fd, "abcdef", 6);
	CHECK_EQ(lseek(fd, 1, SEEK_SET), 1);
	pid_t pid = test_fork();
	if (pid == 0) {
		test_read_all(fd, text, 2);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	test_read_all(fd, text, 3);
	CHECK_EQ(strcmp(text, "def"), 0);
}

static void
forty_processes(void)
{
	int fds[2];
	pid_t pid[40];
	char c;

	CHECK_EQ(pipe(fds), 0);
	for (int i = 0; i < 40; i++) {
		pid[i] = test_fork();
		if (pid[i] == 0) {
			close(fds[1]);
			_exit(read(fds[0], &c, 1) == 0 ? i : 255);
		}
	}
	close(fds[1]);
	for (int i = 39; i >= 0; i--)
		CHECK_EXITS(pid[i], i);
}

static void
many_one_after_the_other(void)
{
	for (int i = 0; i < 300; i++)
		CHECK_EXITS(test_child(exit_with, i & 0x7f), i & 0x7f);
}

// A tree of processes counts itself by exit codes.
static int
grow_tree(int depth)
{
	int sum = 1, status;

	if (depth == 0)
		return 1;
	for (int i = 0; i < 2; i++) {
		pid_t pid = test_fork();
		if (pid == 0)
			_exit(grow_tree(depth - 1));
		CHECK(pid > 0);
	}
	while (wait(&status) > 0)
		sum += WEXITSTATUS(status);
	return sum;
}

static void
tree_of_processes(void)
{
	CHECK_EQ(grow_tree(5), 63);
}

static void
groups_and_sessions(void)
{
	pid_t me = getpid();
	int fds[2];
	char c;

	CHECK_EQ(getpgrp(), me); // the test's own group
	CHECK_ERROR(setsid(), EPERM);
	CHECK_ERROR(setpgid(me, -1), EINVAL);
	CHECK_ERROR(getpgid(999999), ESRCH);
	CHECK_ERROR(getsid(-5), ESRCH);
	CHECK_EQ(pipe(fds), 0);
	pid_t pid = test_fork();
	if (pid == 0) {
		close(fds[1]);
		CHECK_EQ(getpgrp(), me);
		CHECK_EQ(setsid(), getpid());
		CHECK_EQ(getsid(0), getpid());
		CHECK_EQ(getpgrp(), getpid());
		CHECK_ERROR(setpgid(0, me), EPERM);
		CHECK_EQ(read(fds[0], &c, 1), 0);
		_exit(0);
	}
	close(fds[0]);
	while (getsid(pid) != pid)
		test_sleep_ms(1);
	CHECK_ERROR(setpgid(pid, me), EPERM); // of another session
	close(fds[1]);
	CHECK_EXITS(pid, 0);
}

static void
priorities(void)
{
	errno = 0;
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
	CHECK_EQ(setpriority(PRIO_PROCESS, 0, 5), 0);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 5);
	CHECK_EQ(setpriority(PRIO_PROCESS, 0, 100), 0);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 19);
	CHECK_ERROR(setpriority(7, 0, 0), EINVAL);
	CHECK_ERROR(getpriority(PRIO_PROCESS, 999999), ESRCH);
	pid_t pid = test_fork();
	if (pid == 0)
		_exit(getpriority(PRIO_PROCESS, 0));
	CHECK_EXITS(pid, 19);
}

// Processes that don't ask still give way: on few harts, many that spin all
// make progress.
static void
spinners_share(void)
{
	pid_t pid[8];

	for (int i = 0; i < 8; i++)
		pid[i] = test_child(spin, 100);
	for (int i = 0; i < 8; i++)
		CHECK_EXITS(pid[i], 0);
}

static void
yield_returns(void)
{
	pid_t pid = test_child(sleep_forever, 0);

	for (int i = 0; i < 1000; i++)
		CHECK_EQ(sched_yield(), 0);
	kill(pid, SIGKILL);
	CHECK_KILLED(pid, SIGKILL);
}

static const struct test tests[] = {
	TEST(fork_makes_a_copy),
	TEST(exit_codes),
	TEST(wait_status_of_a_signal),
	TEST(wait_without_children),
	TEST(wait_bad_arguments),
	TEST(wait_for_one_of_three),
	TEST(wait_for_any),
	TEST(wait_for_a_group),
	TEST(wait_without_hanging),
	TEST(wait_reports_usage),
	TEST(wait_for_stop_and_continue),
	TEST(zombie_keeps_its_number),
	TEST(orphan_goes_to_init),
	TEST(orphans_do_not_pile_up),
	TEST(exit_closes_descriptors),
	TEST(offset_is_shared_with_the_child),
	TEST(forty_processes),
	TEST(many_one_after_the_other),
	TEST(tree_of_processes),
	TEST(groups_and_sessions),
	TEST(priorities),
	TEST(spinners_share),
	TEST(yield_returns),
};

TEST_MAIN(tests)
