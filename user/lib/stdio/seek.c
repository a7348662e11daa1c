// SPDX-License-Identifier: MIT
/*
 * Where in a file the next byte is read or written.
 */
#include "file.h"

#include <errno.h>
#include <unistd.h>

int
fseeko(FILE *file, off_t offset, int whence)
{
	if (fflush(file) == EOF || lseek(file->fd, offset, whence) < 0)
		return -1;
	file->flags &= ~(unsigned int)AT_EOF;
	return 0;
}

off_t
ftello(FILE *file)
{
	int append = file->state == WRITING && (file->flags & APPEND);
	off_t offset;

	if (append && fflush(file) == EOF)
		return -1;
	offset = lseek(file->fd, 0, SEEK_CUR);
	if (offset < 0)
		return -1;
	if (file->state == READING)
		return offset - (file->end - file->next);
	return file->state == WRITING ? offset + file->next : offset;
}

int
fseek(FILE *file, long offset, int whence)
{
	return fseeko(file, offset, whence);
}

long
ftell(FILE *file)
{
	return ftello(file);
}

void
rewind(FILE *file)
{
	fseeko(file, 0, SEEK_SET);
	clearerr(file);
}
