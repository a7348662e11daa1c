// SPDX-License-Identifier: MIT
/*
 * Complaints to standard error: one write() each, after what is on its way to
 * standard output.
 */
#include <err.h>

#include "../start/start.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 512

static void
complain(const char *why, const char *format, va_list args)
{
	char text[LINE];
	char *copy = text;
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(text, sizeof(text), format, args);
	if (length >= LINE && (copy = malloc((size_t)length + 1)) != NULL)
		vsnprintf(copy, (size_t)length + 1, format, again);
	else
		copy = text;
	va_end(again);
	fflush(stdout);
	fprintf(stderr, "%s: %s%s%s\n", __progname, copy, why == NULL ? "" : ": ",
		why == NULL ? "" : why);
	if (copy != text)
		free(copy);
}

const char *
getprogname(void)
{
	return __progname;
}

void
vwarn(const char *format, va_list args)
{
	complain(strerror(errno), format, args);
}

void
vwarnx(const char *format, va_list args)
{
	complain(NULL, format, args);
}

void
warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwarn(format, args);
	va_end(args);
}

void
warnx(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwarnx(format, args);
	va_end(args);
}

_Noreturn void
err(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwarn(format, args);
	va_end(args);
	exit(status);
}

_Noreturn void
errx(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwarnx(format, args);
	va_end(args);
	exit(status);
}
