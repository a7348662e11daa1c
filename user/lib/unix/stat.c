// SPDX-License-Identifier: MIT
/*
 * What is known of a file, and changing it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "../start/result.h"

/*
 * The system call has no flags: it always follows links, and asks for the real
 * user.
 */
int
faccessat(int dirfd, const char *path, int mode, int flags)
{
	if (flags != 0) {
		errno = EINVAL;
		return -1;
	}
	return (int)__result(__sys_faccessat(dirfd, path, mode));
}

int
fchmodat(int dirfd, const char *path, mode_t mode, int flags)
{
	if (flags != 0) {
		errno = flags == AT_SYMLINK_NOFOLLOW ? EOPNOTSUPP : EINVAL;
		return -1;
	}
	return (int)__result(__sys_fchmodat(dirfd, path, mode));
}

int
utimes(const char *path, const struct timeval times[2])
{
	struct timespec fine[2];

	if (times == NULL)
		return utimensat(AT_FDCWD, path, NULL, 0);
	for (int i = 0; i < 2; i++) {
		if (times[i].tv_usec < 0 || times[i].tv_usec >= 1000000) {
			errno = EINVAL;
			return -1;
		}
		fine[i].tv_sec = times[i].tv_sec;
		fine[i].tv_nsec = times[i].tv_usec * 1000;
	}
	return utimensat(AT_FDCWD, path, fine, 0);
}

int
fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
	return (int)__result(__sys_newfstatat(dirfd, path, st, (unsigned int)flags));
}

int
stat(const char *path, struct stat *st)
{
	return (int)__result(__sys_newfstatat(AT_FDCWD, path, st, 0));
}

int
lstat(const char *path, struct stat *st)
{
	return (int)__result(__sys_newfstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW));
}

int
fstat(int fd, struct stat *st)
{
	return (int)__result(__sys_fstat(fd, st));
}

int
access(const char *path, int mode)
{
	return (int)__result(__sys_faccessat(AT_FDCWD, path, mode));
}

int
mkdirat(int dirfd, const char *path, mode_t mode)
{
	return (int)__result(__sys_mkdirat(dirfd, path, mode));
}

int
mkdir(const char *path, mode_t mode)
{
	return (int)__result(__sys_mkdirat(AT_FDCWD, path, mode));
}

int
mknodat(int dirfd, const char *path, mode_t mode, dev_t dev)
{
	return (int)__result(__sys_mknodat(dirfd, path, mode, (unsigned int)dev));
}

int
mknod(const char *path, mode_t mode, dev_t dev)
{
	return (int)__result(__sys_mknodat(AT_FDCWD, path, mode, (unsigned int)dev));
}

int
mkfifo(const char *path, mode_t mode)
{
	return (int)__result(__sys_mknodat(AT_FDCWD, path, (mode & ~S_IFMT) | S_IFIFO, 0));
}

int
chmod(const char *path, mode_t mode)
{
	return (int)__result(__sys_fchmodat(AT_FDCWD, path, mode));
}

int
fchmod(int fd, mode_t mode)
{
	return (int)__result(__sys_fchmod(fd, mode));
}

int
fchownat(int dirfd, const char *path, uid_t owner, gid_t group, int flags)
{
	return (int)__result(__sys_fchownat(dirfd, path, owner, group, (unsigned int)flags));
}

int
chown(const char *path, uid_t owner, gid_t group)
{
	return (int)__result(__sys_fchownat(AT_FDCWD, path, owner, group, 0));
}

int
lchown(const char *path, uid_t owner, gid_t group)
{
	return (int)__result(__sys_fchownat(AT_FDCWD, path, owner, group, AT_SYMLINK_NOFOLLOW));
}

int
utimensat(int dirfd, const char *path, const struct timespec times[2], int flags)
{
	return (int)__result(__sys_utimensat(dirfd, path, (void *)times, (unsigned int)flags));
}

int
futimens(int fd, const struct timespec times[2])
{
	return (int)__result(__sys_utimensat(fd, NULL, (void *)times, 0));
}

mode_t
umask(mode_t mask)
{
	return (mode_t)__result(__sys_umask(mask));
}
