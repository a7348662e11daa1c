// SPDX-License-Identifier: MIT
/*
 * Reading a directory: records come from the kernel a buffer at a time.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../start/result.h"

#define BUFFER_SIZE 4096

struct __dir {
	int fd;
	size_t next; // what was not yet returned lies at [next, end) of buffer
	size_t end;
	_Alignas(struct dirent) char buffer[BUFFER_SIZE];
};

DIR *
fdopendir(int fd)
{
	struct stat st;
	DIR *dir;

	if (fstat(fd, &st) < 0)
		return NULL;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return NULL;
	}
	dir = malloc(sizeof(*dir));
	if (dir == NULL)
		return NULL;
	dir->fd = fd;
	dir->next = dir->end = 0;
	return dir;
}

DIR *
opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir;

	if (fd < 0)
		return NULL;
	dir = fdopendir(fd);
	if (dir == NULL)
		close(fd);
	return dir;
}

struct dirent *
readdir(DIR *dir)
{
	struct dirent *entry;

	if (dir->next >= dir->end) {
		long count = __result(__sys_getdents64(dir->fd, dir->buffer, sizeof(dir->buffer)));

		if (count <= 0)
			return NULL;
		dir->next = 0;
		dir->end = (size_t)count;
	}
	entry = (struct dirent *)(dir->buffer + dir->next);
	dir->next += entry->d_reclen;
	return entry;
}

void
rewinddir(DIR *dir)
{
	lseek(dir->fd, 0, SEEK_SET);
	dir->next = dir->end = 0;
}

int
dirfd(DIR *dir)
{
	return dir->fd;
}

int
closedir(DIR *dir)
{
	int fd = dir->fd;

	free(dir);
	return close(fd);
}
