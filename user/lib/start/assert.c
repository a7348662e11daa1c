// SPDX-License-Identifier: MIT
/*
 * What a failed assert() says before the program dies.
 */
#include <assert.h>

#include "start.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void
__assert_fail(const char *condition, const char *file, int line, const char *function)
{
	fprintf(stderr, "%s: %s:%d: %s: assertion '%s' failed\n", __progname, file, line, function,
		condition);
	abort();
}
