// SPDX-License-Identifier: MIT
/*
 * The current directory.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../start/result.h"

char *
getcwd(char *buffer, size_t size)
{
	char path[PATH_MAX];

	if (buffer == NULL) {
		if (__result(__sys_getcwd(path, sizeof(path))) < 0)
			return NULL;
		return strdup(path);
	}
	if (size == 0) {
		errno = EINVAL;
		return NULL;
	}
	return __result(__sys_getcwd(buffer, size)) < 0 ? NULL : buffer;
}

int
chdir(const char *path)
{
	return (int)__result(__sys_chdir(path));
}

int
fchdir(int fd)
{
	return (int)__result(__sys_fchdir(fd));
}
