// SPDX-License-Identifier: MIT
/*
 * Reading through a buffer.
 */
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
__file_fill(FILE *file)
{
	ssize_t count;

	if (__file_begin(file, READING) == EOF)
		return EOF;
	// Whoever sits at the terminal shall see the question before the answer.
	if (file->mode != _IOFBF && __stdout.state == WRITING && __stdout.mode == _IOLBF)
		fflush(stdout);
	count = read(file->fd, file->buffer, file->size);
	file->next = 0;
	file->end = count > 0 ? count : 0;
	if (count > 0)
		return 0;
	file->flags |= count < 0 ? FAILED : AT_EOF;
	return EOF;
}

int
fgetc(FILE *file)
{
	if (file->state != READING || file->next == file->end) {
		if (__file_fill(file) == EOF)
			return EOF;
	}
	return file->buffer[file->next++];
}

int
getc(FILE *file)
{
	return fgetc(file);
}

int
getchar(void)
{
	return fgetc(stdin);
}

int
ungetc(int c, FILE *file)
{
	if (c == EOF || __file_begin(file, READING) == EOF || file->next == -PUSHBACK)
		return EOF;
	file->buffer[--file->next] = (unsigned char)c;
	file->flags &= ~(unsigned int)AT_EOF;
	return (unsigned char)c;
}

/*
 * What is wanted beyond the buffer's size is read to where it is wanted.
 */
size_t
fread(void *data, size_t size, size_t count, FILE *file)
{
	char *p = data;
	size_t wanted;

	if (size == 0 || count == 0 || __file_begin(file, READING) == EOF)
		return 0;
	if (__builtin_mul_overflow(size, count, &wanted)) {
		errno = EOVERFLOW;
		file->flags |= FAILED;
		return 0;
	}
	while (wanted > 0) {
		size_t ready = (size_t)(file->end - file->next);

		if (ready > wanted)
			ready = wanted;
		if (ready > 0) {
			memcpy(p, file->buffer + file->next, ready);
			file->next += (long)ready;
		} else if (wanted >= file->size) {
			ssize_t got = read(file->fd, p, wanted);

			if (got <= 0) {
				file->flags |= got < 0 ? FAILED : AT_EOF;
				break;
			}
			ready = (size_t)got;
		} else if (__file_fill(file) == EOF) {
			break;
		}
		p += ready;
		wanted -= ready;
	}
	return (size_t)(p - (char *)data) / size;
}

char *
fgets(char *line, int size, FILE *file)
{
	char *p = line;

	while (--size > 0) {
		int c = fgetc(file);

		if (c == EOF) {
			if (p == line || ferror(file))
				return NULL;
			break;
		}
		*p++ = (char)c;
		if (c == '\n')
			break;
	}
	*p = '\0';
	return line;
}

static int
make_room(char **line, size_t *size, size_t needed)
{
	size_t larger = needed < 60 ? 120 : needed * 2;
	char *copy;

	if (*line != NULL && needed <= *size)
		return 0;
	copy = realloc(*line, larger);
	if (copy == NULL)
		return -1;
	*line = copy;
	*size = larger;
	return 0;
}

/*
 * Copies a buffer at a time.  Null bytes are characters like others.
 */
ssize_t
getdelim(char **line, size_t *size, int delimiter, FILE *file)
{
	size_t length = 0;

	for (;;) {
		const unsigned char *end;
		size_t count;

		if (file->state != READING || file->next == file->end) {
			if (__file_fill(file) == EOF)
				break;
		}
		count = (size_t)(file->end - file->next);
		end = memchr(file->buffer + file->next, delimiter, count);
		if (end != NULL)
			count = (size_t)(end - (file->buffer + file->next)) + 1;
		if (make_room(line, size, length + count + 1) < 0) {
			file->flags |= FAILED;
			return -1;
		}
		memcpy(*line + length, file->buffer + file->next, count);
		file->next += (long)count;
		length += count;
		if (end != NULL)
			break;
	}
	if (length == 0 || ferror(file))
		return -1;
	(*line)[length] = '\0';
	return (ssize_t)length;
}

ssize_t
getline(char **line, size_t *size, FILE *file)
{
	return getdelim(line, size, '\n', file);
}
