// SPDX-License-Identifier: MIT
/*
 * What all unit tests share; the part of the library that makes system calls
 * is replaced here.
 */
#include "unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FAILURES_SHOWN 30

int *lib___errno_location(void);

unsigned long unit_checks;
int unit_errno;

static unsigned long failures;

int *
lib___errno_location(void)
{
	return &unit_errno;
}

void
unit_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	if (failures++ >= FAILURES_SHOWN)
		return;
	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int
unit_end(unsigned long least)
{
	if (unit_checks < least)
		unit_fail(__FILE__, __LINE__, "only %lu checks were made", unit_checks);
	fprintf(stderr, "%lu checks, %lu failures\n", unit_checks, failures);
	return failures > 0;
}

uint64_t
unit_random(void)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

uint64_t
unit_below(uint64_t limit)
{
	return unit_random() % limit;
}
