// SPDX-License-Identifier: MIT
/*
 * Formatted text into memory.
 */
#include "format.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct string_sink {
	struct sink sink;
	char *text;
	size_t size;
};

static void
string_write(struct sink *sink, const char *text, size_t length)
{
	struct string_sink *s = (struct string_sink *)sink;
	size_t room = s->size > sink->total ? s->size - sink->total : 0;

	if (room > 0)
		memcpy(s->text + sink->total, text, length < room ? length : room);
}

int
vsnprintf(char *text, size_t size, const char *format, va_list args)
{
	struct string_sink s = { { string_write, 0 }, text, size };
	int length = __format(&s.sink, format, args);

	if (size > 0)
		text[s.sink.total < size ? s.sink.total : size - 1] = '\0';
	return length;
}

int
snprintf(char *text, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, size, format, args);
	va_end(args);
	return length;
}

int
vsprintf(char *text, const char *format, va_list args)
{
	return vsnprintf(text, SIZE_MAX, format, args);
}

int
sprintf(char *text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsprintf(text, format, args);
	va_end(args);
	return length;
}

int
vasprintf(char **text, const char *format, va_list args)
{
	int length = vsnprintf(NULL, 0, format, args);

	*text = length < 0 ? NULL : malloc((size_t)length + 1);
	if (*text == NULL)
		return -1;
	return vsnprintf(*text, (size_t)length + 1, format, args);
}

int
asprintf(char **text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(text, format, args);
	va_end(args);
	return length;
}
