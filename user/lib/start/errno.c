// SPDX-License-Identifier: MIT
/*
 * errno, and how a raw system call's result becomes it.
 */
#include <errno.h>

#include "result.h"

#define MAX_ERRNO 4095 // results from -4095 to -1 are errors (Linux)

static int error;

int *
__errno_location(void)
{
	return &error;
}

long
__result(long raw)
{
	if (raw < 0 && raw >= -MAX_ERRNO) {
		error = (int)-raw;
		return -1;
	}
	return raw;
}
