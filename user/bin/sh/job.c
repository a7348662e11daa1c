// SPDX-License-Identifier: MIT
/*
 * Child processes.
 *
 * In an interactive shell each job is a process group, and the one in the
 * foreground has the terminal: so ^C reaches it and not the shell.  The group
 * is set by parent and child both, since either may run first.
 *
 * Children in the background are in a list until somebody waits for them; of
 * those that have ended unasked for only the latest MEMORY are remembered.
 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "shell.h"

#define MEMORY 64

struct child {
	struct child *next;
	pid_t pid;
	bool ended;
	int status;
};

static struct child *children; // the newest first
static struct termios settings;
static bool have_settings;

/*
 * Wait until we are in the foreground, then have a group of our own.
 */
void
job_init(void)
{
	pid_t group;

	while ((group = tcgetpgrp(STDIN_FILENO)) >= 0 && group != getpgrp()) {
		if (kill(0, SIGTTIN) < 0)
			return;
	}
	if (group < 0)
		return;
	if (getpgrp() != getpid() && setpgid(0, 0) < 0)
		return;
	signal(SIGTTOU, SIG_IGN);
	if (tcsetpgrp(STDIN_FILENO, getpgrp()) < 0)
		return;
	sh.own_groups = true;
	have_settings = tcgetattr(STDIN_FILENO, &settings) == 0;
}

struct job
job_make(int size, bool background)
{
	return (struct job){
		.pids = arena_alloc(&sh.arena, (size_t)size * sizeof(pid_t)),
		.background = background,
	};
}

/*
 * Without a group of its own ^C at the terminal would reach what runs in the
 * background, and it could eat what is typed.
 */
static void
detach(void)
{
	int fd = open("/dev/null", O_RDONLY);

	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if (fd > STDIN_FILENO) {
		dup2(fd, STDIN_FILENO);
		close(fd);
	}
}

static void
set_group(struct job *job, pid_t pid)
{
	if (job->group == 0)
		job->group = pid;
	setpgid(pid, job->group);
	if (!job->background)
		tcsetpgrp(STDIN_FILENO, job->group);
}

int
job_fork(struct job *job)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		shell_warn("cannot fork: %s", strerror(errno));
		return -1;
	}
	if (pid == 0) {
		bool own_groups = sh.own_groups;

		if (own_groups)
			set_group(job, getpid());
		shell_become_child();
		if (job->background && !own_groups)
			detach();
		return 0;
	}
	if (sh.own_groups)
		set_group(job, pid);
	job->pids[job->count++] = pid;
	return 1;
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			shell_warn("waiting for %d: %s", pid, strerror(errno));
			return W_EXITCODE(STATUS_ERROR, 0);
		}
	}
	return status;
}

static int
exit_status(int status)
{
	return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/*
 * Who typed ^C, or closed a pipe, knows.
 */
static void
tell_death(const char *name, int sig)
{
	if (sig != SIGINT && sig != SIGPIPE)
		shell_warn("%s: %s", name, strsignal(sig));
}

/*
 * A program that was killed may leave the terminal in any state.
 */
static void
after_death(int sig, const char *name)
{
	if (have_settings && sh.own_groups)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
	tell_death(name, sig);
	if (sig == SIGINT && sh.interactive)
		shell_interrupt();
}

int
job_wait(struct job *job, const char *name)
{
	int status = 0;

	for (int i = 0; i < job->count; i++)
		status = wait_for(job->pids[i]);
	if (sh.own_groups)
		tcsetpgrp(STDIN_FILENO, getpgrp());
	if (WIFSIGNALED(status))
		after_death(WTERMSIG(status), name);
	return exit_status(status);
}

static struct child **
find(pid_t pid)
{
	struct child **place = &children;

	while (*place != NULL && (*place)->pid != pid)
		place = &(*place)->next;
	return place;
}

static void
forget(struct child **place)
{
	struct child *child = *place;

	*place = child->next;
	free(child);
}

void
job_forget(void)
{
	while (children != NULL)
		forget(&children);
}

void
job_leave(const struct job *job)
{
	for (int i = 0; i < job->count; i++) {
		struct child *child = malloc(sizeof(*child));

		if (child == NULL)
			shell_fail(STATUS_ERROR, "out of memory");
		*child = (struct child){ .next = children, .pid = job->pids[i] };
		children = child;
		sh.background = child->pid;
	}
	if (sh.interactive && job->count > 0)
		fprintf(stderr, "[%d]\n", sh.background);
}

static void
note_end(struct child *child, int status)
{
	char name[16];

	child->ended = true;
	child->status = exit_status(status);
	if (WIFSIGNALED(status)) {
		snprintf(name, sizeof(name), "%d", child->pid);
		tell_death(name, WTERMSIG(status));
	}
}

void
job_reap(void)
{
	struct child **place = &children;
	int remembered = 0;
	int status;

	while (*place != NULL) {
		struct child *child = *place;

		if (!child->ended && waitpid(child->pid, &status, WNOHANG) == child->pid)
			note_end(child, status);
		if (child->ended && ++remembered > MEMORY)
			forget(place);
		else
			place = &child->next;
	}
}

/*
 * The builtin can be interrupted, unlike the wait for a job in the foreground.
 */
int
job_wait_for(pid_t pid)
{
	struct child **place = find(pid);
	struct child *child = *place;
	int status;

	if (child == NULL)
		return STATUS_NOT_FOUND;
	while (!child->ended) {
		if (waitpid(pid, &status, 0) == pid) {
			note_end(child, status);
		} else if (errno != EINTR) {
			forget(place);
			return STATUS_NOT_FOUND;
		} else if (sh.interrupted) {
			shell_interrupt();
		}
	}
	status = child->status;
	forget(place);
	return status;
}

int
job_wait_for_all(void)
{
	while (children != NULL)
		job_wait_for(children->pid);
	return 0;
}
