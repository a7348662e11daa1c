// SPDX-License-Identifier: MIT
/*
 * Formatted text into files.
 *
 * What a file without a buffer is given goes out in pieces of up to MESSAGE bytes,
 * so that a line to standard error is one write() and lines of several processes
 * do not mix.
 */
#include "file.h"
#include "format.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE 256

struct file_sink {
	struct sink sink;
	FILE *file;
	bool failed;
	size_t length; // of what waits in message
	char message[MESSAGE];
};

static void
send_on(struct file_sink *s, const char *text, size_t length)
{
	if (!s->failed)
		s->failed = __file_write(s->file, text, length) < length;
}

static void
file_write(struct sink *sink, const char *text, size_t length)
{
	struct file_sink *s = (struct file_sink *)sink;

	if (s->file->mode != _IONBF) {
		send_on(s, text, length);
		return;
	}
	while (length > 0) {
		size_t room = sizeof(s->message) - s->length;
		size_t part = length < room ? length : room;

		memcpy(s->message + s->length, text, part);
		s->length += part;
		text += part;
		length -= part;
		if (s->length == sizeof(s->message)) {
			send_on(s, s->message, s->length);
			s->length = 0;
		}
	}
}

int
vfprintf(FILE *file, const char *format, va_list args)
{
	struct file_sink s = { .sink = { file_write, 0 }, .file = file };
	int length = __format(&s.sink, format, args);

	if (s.length > 0)
		send_on(&s, s.message, s.length);
	return s.failed ? -1 : length;
}

int
fprintf(FILE *file, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vfprintf(file, format, args);
	va_end(args);
	return length;
}

int
vprintf(const char *format, va_list args)
{
	return vfprintf(stdout, format, args);
}

int
printf(const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vfprintf(stdout, format, args);
	va_end(args);
	return length;
}

int
vdprintf(int fd, const char *format, va_list args)
{
	struct __file file = { .fd = fd, .flags = CAN_WRITE, .state = WRITING, .mode = _IONBF };

	return vfprintf(&file, format, args);
}

int
dprintf(int fd, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vdprintf(fd, format, args);
	va_end(args);
	return length;
}
