// SPDX-License-Identifier: MIT
/*
 * Moving bytes, and the place where they are moved.
 */
#include <sys/uio.h>
#include <unistd.h>

#include "../start/result.h"

ssize_t
read(int fd, void *data, size_t count)
{
	return __result(__sys_read(fd, data, count));
}

ssize_t
write(int fd, const void *data, size_t count)
{
	return __result(__sys_write(fd, data, count));
}

ssize_t
pread(int fd, void *data, size_t count, off_t offset)
{
	return __result(__sys_pread64(fd, data, count, offset));
}

ssize_t
pwrite(int fd, const void *data, size_t count, off_t offset)
{
	return __result(__sys_pwrite64(fd, data, count, offset));
}

ssize_t
readv(int fd, const struct iovec *parts, int count)
{
	return __result(__sys_readv(fd, (void *)parts, count));
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	return __result(__sys_writev(fd, (void *)parts, count));
}

off_t
lseek(int fd, off_t offset, int whence)
{
	return __result(__sys_lseek(fd, offset, whence));
}

int
ftruncate(int fd, off_t length)
{
	return (int)__result(__sys_ftruncate(fd, length));
}

int
truncate(const char *path, off_t length)
{
	return (int)__result(__sys_truncate(path, length));
}

int
fsync(int fd)
{
	return (int)__result(__sys_fsync(fd));
}

int
fdatasync(int fd)
{
	return (int)__result(__sys_fdatasync(fd));
}

void
sync(void)
{
	__sys_sync();
}
