// SPDX-License-Identifier: MIT
/*
 * execve: arguments, what stays and what goes, scripts, links.  Called with the
 * arguments "-x WHAT ..." this program is what was executed.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/test.h"

static char *const no_environment[] = { NULL };

// Execute this program in a child with the arguments "-x what argument".
static pid_t
run_self(const char *what, const char *argument)
{
	pid_t pid = test_fork();

	if (pid == 0) {
		execl(test_self, test_self, "-x", what, argument, (char *)NULL);
		_exit(TEST_FAILED);
	}
	return pid;
}

static void
arguments(void)
{
	char *const argv[] = { "exec", "-x", "arguments", "", "a b", "\xff\n'\"", NULL };
	char *const envp[] = { "A=1", "EMPTY=", "odd", NULL };
	pid_t pid = test_fork();

	if (pid == 0) {
		execve(test_self, argv, envp);
		_exit(TEST_FAILED);
	}
	CHECK_EXITS(pid, 21);
}

// What argv and envp of that must look like from inside.
static int
x_arguments(int argc, char **argv)
{
	CHECK_EQ(argc, 6);
	CHECK_EQ(strcmp(argv[0], "exec"), 0);
	CHECK_EQ(strcmp(argv[3], ""), 0);
	CHECK_EQ(strcmp(argv[4], "a b"), 0);
	CHECK_EQ(strcmp(argv[5], "\xff\n'\""), 0);
	CHECK(argv[6] == NULL);
	CHECK_EQ(strcmp(environ[0], "A=1"), 0);
	CHECK_EQ(strcmp(environ[1], "EMPTY="), 0);
	CHECK_EQ(strcmp(environ[2], "odd"), 0);
	CHECK(environ[3] == NULL);
	return 21;
}

static void
many_arguments(void)
{
	static char text[1000];
	char *argv[104] = { "exec", "-x", "count" };

	memset(text, 'x', sizeof(text) - 1);
	for (int i = 3; i < 103; i++)
		argv[i] = text;
	pid_t pid = test_fork();
	if (pid == 0) {
		execve(test_self, argv, no_environment);
		_exit(TEST_FAILED);
	}
	CHECK_EXITS(pid, 103);
}

static int
x_count(int argc, char **argv)
{
	for (int i = 3; i < argc; i++)
		CHECK_EQ(strlen(argv[i]), 999);
	return argc;
}

static void
too_many_arguments(void)
{
	static char *argv[5001], text[1000], huge[300 * 1024];

	memset(text, 'x', sizeof(text) - 1);
	for (int i = 0; i < 5000; i++)
		argv[i] = text;
	CHECK_ERROR(execve(test_self, argv, no_environment), E2BIG);
	CHECK_ERROR(execve(test_self, no_environment, argv), E2BIG);
	memset(huge, 'x', sizeof(huge) - 1);
	argv[0] = huge;
	argv[1] = NULL;
	CHECK_ERROR(execve(test_self, argv, no_environment), E2BIG);
}

static void
no_arguments(void)
{
	pid_t pid = test_fork();

	// argv[0] becomes "", so argc is 1 and nothing is asked for: all tests
	// would run.  "-p" in place of a name would be taken, too; so only see
	// that a program that wants no arguments starts.
	if (pid == 0) {
		execve("/bin/true", no_environment, no_environment);
		_exit(TEST_FAILED);
	}
	CHECK_EXITS(pid, 0);
}

static void
what_stays(void)
{
	char text[64];
	int p[2];
	sigset_t set;

	CHECK_EQ(mkdir("here", 0777), 0);
	CHECK_EQ(chdir("here"), 0);
	CHECK_EQ(pipe(p), 0);
	umask(031);
	pid_t pid = test_fork();
	if (pid == 0) {
		dup2(p[1], 7);
		signal(SIGUSR1, SIG_IGN);
		sigemptyset(&set);
		sigaddset(&set, SIGUSR2);
		sigprocmask(SIG_BLOCK, &set, NULL);
		kill(getpid(), SIGUSR2);
		snprintf(text, sizeof(text), "%d", getpid());
		execl(test_self, "exec", "-x", "stays", text, (char *)NULL);
		_exit(TEST_FAILED);
	}
	CHECK_EXITS(pid, 22);
	CHECK_EQ(read(p[0], text, 4), 4);
	CHECK(memcmp(text, "here", 4) == 0);
}

static int
x_stays(int argc, char **argv)
{
	char cwd[512];
	sigset_t set;
	struct sigaction action;

	CHECK_EQ(argc, 4);
	CHECK_EQ(getpid(), atoi(argv[3]));
	CHECK(getcwd(cwd, sizeof(cwd)) != NULL);
	CHECK_EQ(write(7, strrchr(cwd, '/') + 1, 4), 4);
	CHECK_EQ(umask(0), 031);
	CHECK_EQ(sigaction(SIGUSR1, NULL, &action), 0);
	CHECK(action.sa_handler == SIG_IGN);
	CHECK_EQ(sigpending(&set), 0);
	CHECK(sigismember(&set, SIGUSR2));
	CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &set), 0);
	CHECK(sigismember(&set, SIGUSR2));
	return 22;
}

static void
handler(int sig)
{
	(void)sig;
}

static void
what_goes(void)
{
	signal(SIGUSR1, handler);
	CHECK_EQ(dup2(1, 8), 8);
	CHECK_EQ(fcntl(8, F_SETFD, FD_CLOEXEC), 0);
	CHECK_EQ(dup2(8, 9), 9); // dup() clears the flag
	CHECK_EXITS(run_self("goes", NULL), 23);
}

static int
x_goes(int argc, char **argv)
{
	struct sigaction action;

	(void)argc;
	(void)argv;
	CHECK_EQ(sigaction(SIGUSR1, NULL, &action), 0);
	CHECK(action.sa_handler == SIG_DFL);
	CHECK_ERROR(fcntl(8, F_GETFD), EBADF);
	CHECK_EQ(fcntl(9, F_GETFD), 0);
	return 23;
}

static void
no_program(void)
{
	char *const argv[] = { "x", NULL };
	static const struct {
		const char *text;
		int error;
	} files[] = { { "", ENOEXEC }, { "\177ELF", ENOEXEC }, { "plain text\n", ENOEXEC } };

	CHECK_ERROR(execve("none", argv, no_environment), ENOENT);
	CHECK_ERROR(execve("none/x", argv, no_environment), ENOENT);
	CHECK_ERROR(execve("", argv, no_environment), ENOENT);
	CHECK_ERROR(execve(".", argv, no_environment), EACCES);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = open("f", O_WRONLY | O_CREAT | O_TRUNC, 0777);
		test_write_all(fd, files[i].text, strlen(files[i].text));
		close(fd);
		CHECK_ERROR(execve("f", argv, no_environment), files[i].error);
	}
	CHECK_ERROR(execve("f/x", argv, no_environment), ENOTDIR);
	CHECK_EQ(chmod("f", 0644), 0);
	CHECK_ERROR(execve("f", argv, no_environment), EACCES);
}

static void
script(void)
{
	char text[600];
	int fd = open("s", O_WRONLY | O_CREAT, 0777);

	snprintf(text, sizeof(text), "#! %s -x\nwhatever\n", test_self);
	test_write_all(fd, text, strlen(text));
	close(fd);
	pid_t pid = test_fork();
	if (pid == 0) {
		// Becomes: SELF -x ./s two
		execl("./s", "one", "two", (char *)NULL);
		_exit(TEST_FAILED);
	}
	CHECK_EXITS(pid, 24);
}

static int
x_script(int argc, char **argv)
{
	CHECK_EQ(argc, 4);
	CHECK_EQ(strcmp(argv[3], "two"), 0);
	return 24;
}

static void
through_links(void)
{
	CHECK_EQ(symlink(test_self, "link"), 0);
	pid_t pid = test_fork();
	if (pid == 0) {
		execl("link", test_self, "-x", "chain", "1", (char *)NULL);
		_exit(TEST_FAILED);
	}
	CHECK_EXITS(pid, 25);
}

static void
chain(void)
{
	pid_t pid[4];

	CHECK_EXITS(run_self("chain", "60"), 25);
	for (int i = 0; i < 4; i++)
		pid[i] = run_self("chain", "15");
	for (int i = 0; i < 4; i++)
		CHECK_EXITS(pid[i], 25);
}

static int
x_chain(int argc, char **argv)
{
	char text[16];

	(void)argc;
	if (atoi(argv[3]) == 0)
		return 25;
	snprintf(text, sizeof(text), "%d", atoi(argv[3]) - 1);
	execl(test_self, test_self, "-x", "chain", text, (char *)NULL);
	return TEST_FAILED;
}

static const struct test tests[] = {
	TEST(arguments),     TEST(many_arguments), TEST(too_many_arguments), TEST(no_arguments),
	TEST(what_stays),    TEST(what_goes),      TEST(no_program),         TEST(script),
	TEST(through_links), TEST(chain),
};

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} parts[] = { { "arguments", x_arguments }, { "count", x_count }, { "stays", x_stays },
		      { "goes", x_goes },           { "./s", x_script },  { "chain", x_chain } };

	if (argc > 2 && strcmp(argv[1], "-x") == 0) {
		test_self = argv[0];
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			if (strcmp(argv[2], parts[i].name) == 0)
				return parts[i].run(argc, argv);
		return TEST_FAILED;
	}
	return test_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));
}
