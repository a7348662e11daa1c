// SPDX-License-Identifier: MIT
/*
 * Running trees.
 *
 * exec_node() runs any node in this process and returns its status; forks
 * happen in four places only: a program, a subshell, the stages of a pipeline,
 * a command in the background.  In the child the same functions go on, with
 * EXEC_EXIT, so that nothing forks twice.
 */
#include "exec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builtin.h"
#include "expand.h"
#include "job.h"
#include "program.h"
#include "redirect.h"
#include "shell.h"
#include "vars.h"

static void
trace(struct fields assignments, struct fields fields)
{
	fputc('+', stderr);
	for (int i = 0; i < assignments.count; i++)
		fprintf(stderr, " %s", assignments.list[i]);
	for (int i = 0; i < fields.count; i++)
		fprintf(stderr, " %s", fields.list[i]);
	fputc('\n', stderr);
}

static void
apply_assignments(struct fields assignments, bool exported)
{
	for (int i = 0; i < assignments.count; i++) {
		vars_assign(assignments.list[i]);
		if (exported)
			vars_export(arena_string(&sh.arena, assignments.list[i],
						 strcspn(assignments.list[i], "=")));
	}
}

/*
 * Variables set for the time of a builtin.
 */
struct old_variable {
	const char *name;
	const char *value; // NULL: not set
};

static struct old_variable *
remember_variables(struct fields assignments)
{
	struct old_variable *old = arena_alloc(&sh.arena, (size_t)assignments.count * sizeof(*old));

	for (int i = 0; i < assignments.count; i++) {
		const char *text = assignments.list[i];
		const char *value;

		old[i].name = arena_string(&sh.arena, text, strcspn(text, "="));
		value = vars_get(old[i].name);
		old[i].value = value == NULL ? NULL : arena_string(&sh.arena, value, strlen(value));
	}
	return old;
}

static void
restore_variables(const struct old_variable *old, int count)
{
	while (count-- > 0) {
		if (old[count].value == NULL)
			vars_unset(old[count].name);
		else
			vars_set(old[count].name, old[count].value);
	}
}

static int
run_builtin(const struct builtin *b, struct fields assignments, struct fields fields)
{
	struct old_variable *old = remember_variables(assignments);
	int status;

	apply_assignments(assignments, false);
	status = b->run(fields.count, fields.list);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		shell_warn("%s: write error: %s", b->name, strerror(errno));
		clearerr(stdout);
		status = 1;
	}
	if (!b->special)
		restore_variables(old, assignments.count);
	return status;
}

/*
 * Redirections of exec stay; those of others end with the command.
 */
static int
exec_builtin(const struct node *n, const struct builtin *b, struct fields assignments,
	     struct fields fields)
{
	bool for_good = strcmp(b->name, "exec") == 0;
	int mark = redirect_mark();
	int status;

	if (redirect_apply(n->redirects, !for_good)) {
		status = run_builtin(b, assignments, fields);
	} else {
		status = 1;
		if (b->special && !sh.interactive)
			shell_exit(STATUS_ERROR);
	}
	redirect_restore(mark);
	return status;
}

static _Noreturn void
become_program(const struct node *n, struct fields assignments, struct fields fields)
{
	if (!redirect_apply(n->redirects, false))
		shell_exit(1);
	apply_assignments(assignments, true);
	program_exec(fields.list);
}

static int
exec_external(const struct node *n, unsigned int flags, struct fields assignments,
	      struct fields fields)
{
	struct job job;

	if (flags & EXEC_EXIT)
		become_program(n, assignments, fields);
	job = job_make(1, false);
	switch (job_fork(&job)) {
	case 0:
		become_program(n, assignments, fields);
	case 1:
		return job_wait(&job, fields.list[0]);
	default:
		return STATUS_ERROR;
	}
}

static int
exec_simple(const struct node *n, unsigned int flags)
{
	struct fields fields = expand_words(n->simple.words);
	struct fields assignments = { 0 };
	const struct builtin *b;
	int count = 0;

	for (const struct word *w = n->simple.assignments; w != NULL; w = w->next)
		count++;
	assignments.list = arena_alloc(&sh.arena, (size_t)(count + 1) * sizeof(char *));
	for (const struct word *w = n->simple.assignments; w != NULL; w = w->next)
		assignments.list[assignments.count++] = expand_assignment(w->text);
	if (sh.trace)
		trace(assignments, fields);
	if (fields.count == 0) {
		int mark = redirect_mark();
		bool done = redirect_apply(n->redirects, true);

		redirect_restore(mark);
		if (done)
			apply_assignments(assignments, false);
		return done ? 0 : 1;
	}
	b = builtin_find(fields.list[0]);
	if (b != NULL)
		return exec_builtin(n, b, assignments, fields);
	return exec_external(n, flags, assignments, fields);
}

/*
 * In a child: run a node and exit with its status.
 */
static _Noreturn void
exec_in_child(const struct node *n, unsigned int flags)
{
	shell_exit(exec_node(n, (flags & EXEC_TESTED) | EXEC_EXIT));
}

static int
exec_group(const struct node *n, unsigned int flags)
{
	bool leaves = flags & EXEC_EXIT;
	int mark = redirect_mark();
	int status = 1;

	if (redirect_apply(n->redirects, !leaves))
		status = exec_node(n->body, flags);
	redirect_restore(mark);
	return status;
}

static int
exec_subshell(const struct node *n, unsigned int flags)
{
	struct job job;

	if (flags & EXEC_EXIT)
		return exec_group(n, flags);
	job = job_make(1, false);
	switch (job_fork(&job)) {
	case 0:
		shell_exit(exec_group(n, (flags & EXEC_TESTED) | EXEC_EXIT));
	case 1:
		return job_wait(&job, "( )");
	default:
		return STATUS_ERROR;
	}
}

/*
 * Make fd a copy of a pipe's end, which is closed.
 */
static void
use_pipe(int end, int fd)
{
	if (end < 0 || end == fd)
		return;
	if (dup2(end, fd) < 0)
		shell_fail(STATUS_ERROR, "pipe: %s", strerror(errno));
	close(end);
}

/*
 * Start one stage: it reads from in (-1: from what the shell does) and writes
 * to the next stage, if there is one.  Return where that one shall read, or -1;
 * *started is false if nothing more can be started.
 */
static int
start_stage(const struct node *n, struct job *job, int in, bool *started)
{
	int ends[2] = { -1, -1 };
	int forked;

	if (n->next != NULL && pipe(ends) < 0) {
		shell_warn("pipe: %s", strerror(errno));
		*started = false;
		return -1;
	}
	forked = job_fork(job);
	if (forked == 0) {
		if (ends[0] >= 0)
			close(ends[0]);
		use_pipe(in, STDIN_FILENO);
		use_pipe(ends[1], STDOUT_FILENO);
		exec_in_child(n, 0);
	}
	if (ends[1] >= 0)
		close(ends[1]);
	*started = forked > 0;
	return ends[0];
}

static const char *
name_of(const struct node *n)
{
	if (n->kind == NODE_SIMPLE && n->simple.words != NULL)
		return n->simple.words->text;
	return "( )";
}

static int
start_pipeline(const struct node *n, struct job *job)
{
	bool started = true;
	int in = -1;

	for (const struct node *stage = n->first; stage != NULL && started; stage = stage->next) {
		int out = start_stage(stage, job, in, &started);

		if (in >= 0)
			close(in);
		in = out;
	}
	if (in >= 0)
		close(in);
	return started ? 0 : -1;
}

static int
exec_pipeline(const struct node *n)
{
	const struct node *last = n->first;
	struct job job;
	int status;
	int count = 1;

	for (; last->next != NULL; last = last->next)
		count++;
	job = job_make(count, false);
	status = start_pipeline(n, &job) < 0 ? STATUS_ERROR : 0;
	if (status != 0) {
		job_wait(&job, name_of(last));
		return status;
	}
	return job_wait(&job, name_of(last));
}

static void
exec_background(const struct node *n)
{
	struct job job = job_make(1, true);

	if (job_fork(&job) == 0)
		exec_in_child(n, 0);
	job_leave(&job);
}

static int
exec_list(const struct node *n, unsigned int flags)
{
	int status = 0;

	for (n = n->first; n != NULL; n = n->next) {
		job_reap();
		if (n->background) {
			exec_background(n);
			status = sh.status = 0;
		} else {
			status = exec_node(n, n->next == NULL ? flags : flags & EXEC_TESTED);
		}
		if (sh.interrupted && sh.interactive)
			shell_interrupt();
	}
	return status;
}

static int
exec_pair(const struct node *n, unsigned int flags)
{
	int status = exec_node(n->pair.left, EXEC_TESTED);

	if ((status == 0) != (n->kind == NODE_AND))
		return status;
	return exec_node(n->pair.right, flags);
}

int
exec_node(const struct node *n, unsigned int flags)
{
	bool may_end = false; // of those that set -e looks at
	int status;

	sh.line = n->line;
	switch (n->kind) {
	case NODE_SIMPLE:
		status = exec_simple(n, flags);
		may_end = true;
		break;
	case NODE_PIPELINE:
		status = exec_pipeline(n);
		may_end = true;
		break;
	case NODE_SUBSHELL:
		status = exec_subshell(n, flags);
		may_end = true;
		break;
	case NODE_GROUP:
		status = exec_group(n, flags);
		break;
	case NODE_NOT:
		status = !exec_node(n->body, EXEC_TESTED);
		break;
	case NODE_LIST:
		status = exec_list(n, flags);
		break;
	default:
		status = exec_pair(n, flags);
	}
	sh.status = status;
	if (may_end && status != 0 && sh.exit_on_error && !(flags & EXEC_TESTED))
		shell_exit(status);
	return status;
}
