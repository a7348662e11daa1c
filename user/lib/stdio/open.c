// SPDX-License-Identifier: MIT
/*
 * Opening and closing buffered files.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * "r", "w" or "a", then in any order "+", "b", "x", "e" (close on exec).
 */
int
__file_mode(const char *mode, unsigned int *flags)
{
	int open_flags;

	switch (*mode++) {
	case 'r':
		*flags = CAN_READ;
		open_flags = O_RDONLY;
		break;
	case 'w':
		*flags = CAN_WRITE;
		open_flags = O_WRONLY | O_CREAT | O_TRUNC;
		break;
	case 'a':
		*flags = CAN_WRITE | APPEND;
		open_flags = O_WRONLY | O_CREAT | O_APPEND;
		break;
	default:
		errno = EINVAL;
		return -1;
	}
	for (; *mode != '\0' && *mode != ','; mode++) {
		if (*mode == '+') {
			*flags |= CAN_READ | CAN_WRITE;
			open_flags = (open_flags & ~O_ACCMODE) | O_RDWR;
		} else if (*mode == 'x') {
			open_flags |= O_EXCL;
		} else if (*mode == 'e') {
			open_flags |= O_CLOEXEC;
		}
	}
	return open_flags;
}

static FILE *
make_file(int fd, unsigned int flags)
{
	FILE *file = calloc(1, sizeof(*file));

	if (file == NULL)
		return NULL;
	file->fd = fd;
	file->flags = flags | OWN_FILE;
	file->mode = -1;
	return file;
}

FILE *
fdopen(int fd, const char *mode)
{
	unsigned int flags;

	if (__file_mode(mode, &flags) < 0 || fcntl(fd, F_GETFD) < 0)
		return NULL;
	return make_file(fd, flags);
}

FILE *
fopen(const char *path, const char *mode)
{
	unsigned int flags;
	int open_flags = __file_mode(mode, &flags);
	FILE *file;
	int fd;

	if (open_flags < 0)
		return NULL;
	fd = open(path, open_flags, 0666);
	if (fd < 0)
		return NULL;
	file = make_file(fd, flags);
	if (file == NULL)
		close(fd);
	return file;
}

/*
 * The new file gets the old one's descriptor, so that standard input stays 0.
 * With no path only the mode would change, which the system can't do.
 */
FILE *
freopen(const char *path, const char *mode, FILE *file)
{
	unsigned int flags;
	int open_flags = __file_mode(mode, &flags);
	int fd;

	fflush(file);
	if (open_flags < 0 || path == NULL) {
		errno = path == NULL ? EBADF : errno;
		goto close_file;
	}
	fd = open(path, open_flags, 0666);
	if (fd < 0)
		goto close_file;
	if (fd != file->fd) {
		int error = dup3(fd, file->fd, open_flags & O_CLOEXEC);

		close(fd);
		if (error < 0)
			goto close_file;
	}
	file->flags = (file->flags & (OWN_FILE | OWN_BUFFER)) | flags;
	file->state = IDLE;
	return file;

close_file:
	fclose(file);
	return NULL;
}

int
fclose(FILE *file)
{
	int result = fflush(file);

	__file_forget(file);
	if (close(file->fd) < 0)
		result = EOF;
	if (file->flags & OWN_BUFFER)
		free(file->buffer - PUSHBACK);
	if (file->flags & OWN_FILE) {
		free(file);
	} else {
		file->flags = 0;
		file->buffer = NULL;
	}
	return result;
}

int
fileno(FILE *file)
{
	return file->fd;
}

int
feof(FILE *file)
{
	return (file->flags & AT_EOF) != 0;
}

int
ferror(FILE *file)
{
	return (file->flags & FAILED) != 0;
}

void
clearerr(FILE *file)
{
	file->flags &= ~(unsigned int)(AT_EOF | FAILED);
}
