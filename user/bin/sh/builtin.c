// SPDX-License-Identifier: MIT
/*
 * Builtins about processes, folders and the shell itself, and the table of all.
 */
#include "builtin.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tool.h>
#include <unistd.h>

#include "job.h"
#include "program.h"
#include "shell.h"
#include "vars.h"

static int
run_true(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static int
run_false(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 1;
}

static int
run_echo(int argc, char **argv)
{
	bool newline = argc < 2 || strcmp(argv[1], "-n") != 0;

	for (int i = newline ? 1 : 2; i < argc; i++)
		printf("%s%s", argv[i], i + 1 < argc ? " " : "");
	if (newline)
		putchar('\n');
	return 0;
}

static int
run_cd(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : vars_get("HOME");
	bool back = folder != NULL && strcmp(folder, "-") == 0;
	const char *old = vars_get("PWD");
	char path[PATH_MAX];

	if (argc > 2) {
		shell_warn("usage: cd [folder]");
		return STATUS_ERROR;
	}
	if (back)
		folder = vars_get("OLDPWD");
	if (folder == NULL) {
		shell_warn("cd: %s is not set", back ? "OLDPWD" : "HOME");
		return 1;
	}
	if (chdir(folder) < 0) {
		shell_warn("cd: %s: %s", folder, strerror(errno));
		return 1;
	}
	if (old != NULL)
		vars_set("OLDPWD", old);
	if (getcwd(path, sizeof(path)) != NULL)
		vars_set("PWD", path);
	else
		vars_unset("PWD");
	if (back)
		puts(path);
	return 0;
}

static int
run_pwd(int argc, char **argv)
{
	char path[PATH_MAX];

	(void)argc;
	(void)argv;
	if (getcwd(path, sizeof(path)) == NULL) {
		shell_warn("pwd: %s", strerror(errno));
		return 1;
	}
	puts(path);
	return 0;
}

/*
 * A number from 0 to max; else complain and return -1.
 */
static int
parse_number(const char *command, const char *text, long max)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (end == text || *end != '\0' || number < 0 || number > max) {
		shell_warn("%s: '%s' is not a number from 0 to %ld", command, text, max);
		return -1;
	}
	return (int)number;
}

static int
run_exit(int argc, char **argv)
{
	int status = argc > 1 ? parse_number("exit", argv[1], INT_MAX) : sh.status;

	shell_exit(status < 0 ? STATUS_ERROR : status & 0xff);
}

/*
 * Without arguments it is there for its redirections, which the executor has
 * made for good.
 */
static int
run_exec(int argc, char **argv)
{
	if (argc > 1)
		program_exec(argv + 1);
	return 0;
}

static int
run_eval(int argc, char **argv)
{
	size_t length = 1;
	char *text;

	for (int i = 1; i < argc; i++)
		length += strlen(argv[i]) + 1;
	text = arena_alloc(&sh.arena, length);
	*text = '\0';
	for (int i = 1; i < argc; i++) {
		strcat(text, argv[i]);
		if (i + 1 < argc)
			strcat(text, " ");
	}
	return shell_run_string(text, false);
}

static int
run_wait(int argc, char **argv)
{
	int status = 0;

	if (argc == 1)
		return job_wait_for_all();
	for (int i = 1; i < argc; i++) {
		int pid = parse_number("wait", argv[i], INT_MAX);

		status = pid < 0 ? STATUS_ERROR : job_wait_for(pid);
	}
	return status;
}

static int
run_umask(int argc, char **argv)
{
	char *end;
	long mask;

	if (argc == 1) {
		mode_t old = umask(0);

		umask(old);
		printf("%04o\n", old);
		return 0;
	}
	mask = strtol(argv[1], &end, 8);
	if (*end != '\0' || end == argv[1] || mask < 0 || mask > 0777) {
		shell_warn("umask: '%s' is not an octal mode", argv[1]);
		return STATUS_ERROR;
	}
	umask((mode_t)mask);
	return 0;
}

static const struct builtin builtins[] = {
	{ ":", run_true, true },
	{ "cd", run_cd, false },
	{ "echo", run_echo, false },
	{ "eval", run_eval, true },
	{ "exec", run_exec, true },
	{ "exit", run_exit, true },
	{ "export", builtin_export, true },
	{ "false", run_false, false },
	{ "kill", tool_kill, false },
	{ "pwd", run_pwd, false },
	{ "read", builtin_read, false },
	{ "set", builtin_set, true },
	{ "shift", builtin_shift, true },
	{ "true", run_true, false },
	{ "umask", run_umask, false },
	{ "unset", builtin_unset, true },
	{ "wait", run_wait, false },
};

const struct builtin *
builtin_find(const char *name)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
		if (strcmp(builtins[i].name, name) == 0)
			return &builtins[i];
	}
	return NULL;
}
