// SPDX-License-Identifier: MIT
/*
 * Opening and closing files.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "../start/result.h"

/*
 * There is a mode only if a file may be made.
 */
#define TAKE_MODE(mode, flags)                                          \
	do {                                                            \
		if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) { \
			va_list args;                                   \
                                                                        \
			va_start(args, flags);                          \
			mode = va_arg(args, mode_t);                    \
			va_end(args);                                   \
		}                                                       \
	} while (0)

int
openat(int dirfd, const char *path, int flags, ...)
{
	mode_t mode = 0;

	TAKE_MODE(mode, flags);
	return (int)__result(__sys_openat(dirfd, path, (unsigned int)flags, mode));
}

int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;

	TAKE_MODE(mode, flags);
	return openat(AT_FDCWD, path, flags, mode);
}

int
creat(const char *path, mode_t mode)
{
	return openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int
close(int fd)
{
	return (int)__result(__sys_close(fd));
}
