// SPDX-License-Identifier: MIT
/*
 * getauxval()
 */
#include <sys/auxv.h>

#include "start.h"

#include <errno.h>

unsigned long
getauxval(unsigned long type)
{
	for (const struct auxv *entry = __auxv; entry->type != AT_NULL; entry++) {
		if (entry->type == type)
			return entry->value;
	}
	errno = ENOENT;
	return 0;
}
