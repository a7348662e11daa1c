// SPDX-License-Identifier: MIT
/*
 * Finding programs, and becoming them.
 */
#include "program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell.h"
#include "vars.h"

#define DEFAULT_PATH "/bin"

/*
 * A file that is no program is taken for a script.
 */
static void
try_program(const char *path, char **argv, char **environment)
{
	int count = 0;
	char **script;

	execve(path, argv, environment);
	if (errno != ENOEXEC)
		return;
	while (argv[count] != NULL)
		count++;
	script = arena_alloc(&sh.arena, (size_t)(count + 2) * sizeof(*script));
	script[0] = arena_string(&sh.arena, "sh", 2);
	script[1] = arena_string(&sh.arena, path, strlen(path));
	for (int i = 1; i <= count; i++)
		script[i + 1] = argv[i];
	execve("/bin/sh", script, environment);
	errno = ENOEXEC;
}

/*
 * Try name in each folder of PATH.  Leaves errno as it is for the best of them:
 * a file that could not be run says more than one that is not there.
 */
static void
search_program(char **argv, char **environment)
{
	const char *folders = vars_get("PATH");
	int error = ENOENT;

	if (folders == NULL)
		folders = DEFAULT_PATH;
	for (;;) {
		size_t length = strcspn(folders, ":");
		char path[PATH_MAX];
		int size = snprintf(path, sizeof(path), "%.*s%s%s", (int)length, folders,
				    length == 0 ? "" : "/", argv[0]);
		struct stat st;

		if (size < (int)sizeof(path) && stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
			try_program(path, argv, environment);
			error = errno;
		}
		folders += length;
		if (*folders++ == '\0')
			break;
	}
	errno = error;
}

_Noreturn void
program_exec(char **argv)
{
	char **environment = vars_environment();
	bool is_path = strchr(argv[0], '/') != NULL;
	int status;

	if (is_path)
		try_program(argv[0], argv, environment);
	else if (argv[0][0] != '\0')
		search_program(argv, environment);
	else
		errno = ENOENT;
	status = errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
	shell_fail(status, "%s: %s", argv[0],
		   status == STATUS_NOT_FOUND && !is_path ? "not found" : strerror(errno));
}
