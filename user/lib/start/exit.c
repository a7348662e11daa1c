// SPDX-License-Identifier: MIT
/*
 * The end of a program: functions registered with atexit(), last one first,
 * then stdio's buffers, then the system call.
 *
 * stdio is not called by its name, so that a program without it does not carry
 * it along: it sets __flush_all when the first file is used.
 */
#include "exit.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "syscalls.h"

#define ATEXIT_MAX 32 // what C17 (7.22.4.2) asks for

static void (*functions[ATEXIT_MAX])(void);
static int function_count;

void (*__flush_all)(void);

int
atexit(void (*function)(void))
{
	if (function_count == ATEXIT_MAX) {
		errno = ENOMEM;
		return -1;
	}
	functions[function_count++] = function;
	return 0;
}

_Noreturn void
exit(int status)
{
	while (function_count > 0)
		functions[--function_count]();
	if (__flush_all != NULL)
		__flush_all();
	_exit(status);
}

_Noreturn void
_exit(int status)
{
	for (;;)
		__sys_exit_group(status);
}

_Noreturn void
_Exit(int status)
{
	_exit(status);
}
