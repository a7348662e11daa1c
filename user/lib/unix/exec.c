// SPDX-License-Identifier: MIT
/*
 * Programs: execve() and its relatives.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../start/result.h"

#define DEFAULT_PATH "/bin"

int
execve(const char *path, char *const argv[], char *const envp[])
{
	return (int)__result(__sys_execve(path, (void *)argv, (void *)envp));
}

int
execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

/*
 * Try name in each folder of PATH.  A file that exists but must not be run is
 * remembered: the error is then EACCES, not ENOENT.
 */
int
execvp(const char *name, char *const argv[])
{
	const char *folders = getenv("PATH");
	int error = ENOENT;

	if (strchr(name, '/') != NULL)
		return execv(name, argv);
	if (folders == NULL)
		folders = DEFAULT_PATH;
	for (;;) {
		size_t length = strcspn(folders, ":");
		char path[PATH_MAX];

		if (*name != '\0' && length + strlen(name) + 2 <= sizeof(path)) {
			memcpy(path, folders, length);
			if (length > 0)
				path[length++] = '/';
			strcpy(path + length, name);
			execv(path, argv);
			if (errno == EACCES)
				error = EACCES;
			else if (errno != ENOENT && errno != ENOTDIR)
				return -1;
		}
		folders += strcspn(folders, ":");
		if (*folders++ == '\0')
			break;
	}
	errno = error;
	return -1;
}

static size_t
count_args(va_list args)
{
	size_t count = 1;

	while (va_arg(args, char *) != NULL)
		count++;
	return count;
}

static void
copy_args(const char **argv, size_t count, const char *first, va_list args)
{
	argv[0] = first;
	for (size_t i = 1; i <= count; i++)
		argv[i] = va_arg(args, char *);
}

/*
 * The arguments become an array on the stack, by hand: the number is bounded
 * by what the caller wrote down.
 */
#define EXEC_LIST(run, name, first)                                                \
	do {                                                                       \
		va_list args;                                                      \
		size_t count;                                                      \
                                                                                   \
		va_start(args, first);                                             \
		count = count_args(args);                                          \
		va_end(args);                                                      \
		const char **argv = __builtin_alloca((count + 1) * sizeof(*argv)); \
		va_start(args, first);                                             \
		copy_args(argv, count, first, args);                               \
		va_end(args);                                                      \
		return run(name, (char *const *)argv);                             \
	} while (0)

int
execl(const char *path, const char *arg, ...)
{
	EXEC_LIST(execv, path, arg);
}

int
execlp(const char *name, const char *arg, ...)
{
	EXEC_LIST(execvp, name, arg);
}
