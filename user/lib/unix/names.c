// SPDX-License-Identifier: MIT
/*
 * Names in directories: links, removal, renaming.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../start/result.h"

int
unlinkat(int dirfd, const char *path, int flags)
{
	return (int)__result(__sys_unlinkat(dirfd, path, (unsigned int)flags));
}

int
unlink(const char *path)
{
	return (int)__result(__sys_unlinkat(AT_FDCWD, path, 0));
}

int
rmdir(const char *path)
{
	return (int)__result(__sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR));
}

int
linkat(int from_dirfd, const char *from, int to_dirfd, const char *to, int flags)
{
	return (int)__result(__sys_linkat(from_dirfd, from, to_dirfd, to, (unsigned int)flags));
}

int
link(const char *from, const char *to)
{
	return (int)__result(__sys_linkat(AT_FDCWD, from, AT_FDCWD, to, 0));
}

int
symlinkat(const char *target, int dirfd, const char *path)
{
	return (int)__result(__sys_symlinkat(target, dirfd, path));
}

int
symlink(const char *target, const char *path)
{
	return (int)__result(__sys_symlinkat(target, AT_FDCWD, path));
}

ssize_t
readlinkat(int dirfd, const char *path, char *target, size_t size)
{
	return __result(__sys_readlinkat(dirfd, path, target, size));
}

ssize_t
readlink(const char *path, char *target, size_t size)
{
	return __result(__sys_readlinkat(AT_FDCWD, path, target, size));
}

int
renameat(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
	return (int)__result(__sys_renameat2(from_dirfd, from, to_dirfd, to, 0));
}

int
rename(const char *from, const char *to)
{
	return (int)__result(__sys_renameat2(AT_FDCWD, from, AT_FDCWD, to, 0));
}
