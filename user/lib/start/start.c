// SPDX-License-Identifier: MIT
/*
 * From the kernel's stack to main(): find the environment and the auxiliary
 * vector behind the arguments, run constructors, run main, exit.
 */
#include "start.h"

#include <stdlib.h>
#include <unistd.h>

char **environ;
const struct auxv *__auxv;
const char *__progname = "";

static const char *
last_part(const char *path)
{
	const char *part = path;

	for (; *path != '\0'; path++) {
		if (*path == '/' && path[1] != '\0')
			part = path + 1;
	}
	return part;
}

_Noreturn void
__start(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);
	char **end = argv + argc + 1;

	environ = end;
	while (*end != NULL)
		end++;
	__auxv = (const struct auxv *)(end + 1);
	if (argc > 0)
		__progname = last_part(argv[0]);

	for (constructor *const *init = __init_array_start; init < __init_array_end; init++)
		(*init)(argc, argv, environ);
	exit(main(argc, argv, environ));
}
