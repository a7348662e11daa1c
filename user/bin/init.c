// SPDX-License-Identifier: MIT
/*
 * Process 1: starts the rest, adopts and buries orphans, ends the machine.
 *
 *	init			a shell on the console, again whenever it ends
 *	init -e COMMAND		run COMMAND by sh, then power off with its status
 *
 * The kernel cuts its command line at spaces, so within an argument a byte may
 * be written %XX.  COMMAND's descriptors are the ports /dev/vport/stdin, stdout
 * and stderr as far as they exist, else the console.
 *
 * Signals are blocked but while init waits for one: none can come between
 * looking what there is to do and going to sleep.  SIGTERM powers off.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONSOLE           "/dev/console"
#define SHELL             "/bin/sh"
#define STATUS_SIGNAL     128 // plus its number
#define STATUS_CANNOT_RUN 126
#define DELAY_MAX         60 // seconds
#define SHORT_LIFE        1  // a shell that lived no longer died at once

#define GRACE_STEP  20000000 // ns between looks at who is left
#define GRACE_STEPS 50

static volatile sig_atomic_t terminated;
static sigset_t all_signals;

static void
take_note(int sig)
{
	if (sig == SIGTERM)
		terminated = 1;
}

static void
set_signals(void)
{
	struct sigaction action = { .sa_handler = take_note };

	sigfillset(&all_signals);
	sigprocmask(SIG_BLOCK, &all_signals, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGCHLD, &action, NULL);
}

static void
open_console(void)
{
	int fd = open(CONSOLE, O_RDWR | O_NOCTTY);

	for (int i = 0; fd >= 0 && i < 3; i++) {
		if (i != fd)
			dup2(fd, i);
	}
	if (fd > STDERR_FILENO)
		close(fd);
}

/*
 * Replace %XX by the byte, in place.
 */
static void
decode(char *text)
{
	char *to = text;

	while (*text != '\0') {
		if (text[0] == '%' && isxdigit((unsigned char)text[1]) &&
		    isxdigit((unsigned char)text[2])) {
			char digits[] = { text[1], text[2], '\0' };

			*to++ = (char)strtol(digits, NULL, 16);
			text += 3;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

static int
exit_status(int status)
{
	return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/*
 * Bury children until the given one ends, or until SIGTERM; return its status,
 * or -1 after SIGTERM.
 */
static int
wait_for(pid_t pid)
{
	sigset_t none;
	int status;
	pid_t ended;

	sigemptyset(&none);
	for (;;) {
		while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
			if (ended == pid)
				return exit_status(status);
		}
		if (terminated)
			return -1;
		sigsuspend(&none);
	}
}

/*
 * Ask all others to end, insist after a while, and bury them.
 */
static void
kill_all(void)
{
	struct timespec step = { .tv_nsec = GRACE_STEP };

	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	for (int i = 0; i < GRACE_STEPS; i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
		if (kill(-1, 0) < 0)
			return;
		nanosleep(&step, NULL);
	}
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
}

static _Noreturn void
power_off(int status)
{
	kill_all();
	sync();
	reboot_status(status);
	warn("cannot power off");
	for (;;)
		pause();
}

/*
 * In a new child: a session of its own, signals as at the start.
 */
static void
begin_session(void)
{
	sigset_t none;

	setsid();
	signal(SIGTERM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void
exec_shell(char **argv)
{
	char path[] = "PATH=/bin", home[] = "HOME=/";
	char *environment[] = { path, home, NULL };

	execve(SHELL, argv, environment);
	err(STATUS_CANNOT_RUN, SHELL);
}

static pid_t
start_console_shell(unsigned int delay)
{
	char name[] = "sh";
	char *argv[] = { name, NULL };
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	begin_session();
	sleep(delay);
	if (ioctl(STDIN_FILENO, TIOCSCTTY, 0L) < 0)
		warn(CONSOLE " cannot be the controlling terminal");
	exec_shell(argv);
}

static time_t
now(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static _Noreturn void
serve_console(void)
{
	unsigned int delay = 0;

	for (;;) {
		time_t start = now();
		pid_t pid = start_console_shell(delay);

		if (pid < 0)
			warn("cannot start a shell");
		else if (wait_for(pid) < 0)
			power_off(0);
		if (now() - start > SHORT_LIFE + delay)
			delay = 0;
		else
			delay = delay == 0 ? 1 : delay * 2 < DELAY_MAX ? delay * 2 : DELAY_MAX;
		if (pid < 0)
			sleep(delay);
	}
}

static void
use_port(const char *path, int flags, int fd)
{
	int port = open(path, flags);

	if (port < 0)
		return;
	dup2(port, fd);
	if (port != fd)
		close(port);
}

static _Noreturn void
run_command(char *command)
{
	char name[] = "sh", option[] = "-c";
	char *argv[] = { name, option, command, NULL };
	pid_t pid = fork();
	int status;

	if (pid < 0) {
		warn("cannot run '%s'", command);
		power_off(STATUS_CANNOT_RUN);
	}
	if (pid == 0) {
		begin_session();
		use_port("/dev/vport/stdin", O_RDONLY, STDIN_FILENO);
		use_port("/dev/vport/stdout", O_WRONLY, STDOUT_FILENO);
		use_port("/dev/vport/stderr", O_WRONLY, STDERR_FILENO);
		exec_shell(argv);
	}
	status = wait_for(pid);
	power_off(status < 0 ? STATUS_SIGNAL + SIGTERM : status);
}

int
main(int argc, char **argv)
{
	if (getpid() != 1)
		errx(1, "only the kernel starts init, as process 1");
	set_signals();
	open_console();
	if (mount("proc", "/proc", "proc", 0, NULL) < 0 && errno != EBUSY)
		warn("cannot mount /proc");
	for (int i = 1; i < argc; i++)
		decode(argv[i]);
	if (argc > 2 && strcmp(argv[1], "-e") == 0)
		run_command(argv[2]);
	if (argc > 1)
		warnx("unknown argument '%s'; there is -e COMMAND", argv[1]);
	serve_console();
}
