// SPDX-License-Identifier: MIT
/*
 * Writing through a buffer.
 */
#include "file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/*
 * Past the buffer, without a copy.
 */
static size_t
write_through(FILE *file, const char *data, size_t count)
{
	size_t done = 0;

	while (done < count) {
		ssize_t n = write(file->fd, data + done, count - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			file->flags |= FAILED;
			break;
		}
		done += (size_t)n;
	}
	return done;
}

static size_t
write_buffered(FILE *file, const char *data, size_t count)
{
	size_t done = 0;

	while (done < count) {
		size_t room = file->size - (size_t)file->next;
		size_t part = count - done < room ? count - done : room;

		if (file->next == 0 && count - done >= file->size)
			return done + write_through(file, data + done, count - done);
		memcpy(file->buffer + file->next, data + done, part);
		file->next += (long)part;
		if ((size_t)file->next == file->size && __file_flush(file) == EOF)
			break;
		done += part;
	}
	return done;
}

/*
 * To a terminal go whole lines: up to the last newline at once, the rest waits.
 */
size_t
__file_write(FILE *file, const char *data, size_t count)
{
	const char *newline = NULL;
	size_t lines;
	size_t done;

	if (__file_begin(file, WRITING) == EOF)
		return 0;
	if (file->mode == _IONBF)
		return write_through(file, data, count);
	if (file->mode == _IOLBF)
		newline = memrchr(data, '\n', count);
	if (newline == NULL)
		return write_buffered(file, data, count);
	lines = (size_t)(newline - data) + 1;
	done = write_buffered(file, data, lines);
	if (done < lines || __file_flush(file) == EOF)
		return 0;
	return done + write_buffered(file, data + lines, count - lines);
}

size_t
fwrite(const void *data, size_t size, size_t count, FILE *file)
{
	size_t bytes;

	if (size == 0 || count == 0)
		return 0;
	if (__builtin_mul_overflow(size, count, &bytes)) {
		errno = EOVERFLOW;
		file->flags |= FAILED;
		return 0;
	}
	return __file_write(file, data, bytes) / size;
}

int
fputc(int c, FILE *file)
{
	char byte = (char)c;

	if (file->state == WRITING && file->mode == _IOFBF && (size_t)file->next + 1 < file->size) {
		file->buffer[file->next++] = (unsigned char)c;
		return (unsigned char)c;
	}
	return __file_write(file, &byte, 1) == 1 ? (unsigned char)c : EOF;
}

int
putc(int c, FILE *file)
{
	return fputc(c, file);
}

int
putchar(int c)
{
	return fputc(c, stdout);
}

int
fputs(const char *text, FILE *file)
{
	size_t length = strlen(text);

	return __file_write(file, text, length) == length ? 0 : EOF;
}

int
puts(const char *text)
{
	return fputs(text, stdout) == EOF || fputc('\n', stdout) == EOF ? EOF : 0;
}
