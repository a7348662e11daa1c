// SPDX-License-Identifier: MIT
#include "lib/panic.h"

#include <stdarg.h>
#include <stdio.h>

#include "fakes/fake.h"

void
panic(const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	check_panicked(message);
}

void
panic_frame(const struct trapframe *tf, const char *format, ...)
{
	char message[512];
	va_list args;

	(void)tf;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	check_panicked(message);
}

bool
panicking(void)
{
	return false;
}

void
panic_set_lock_report(void (*report)(void))
{
	(void)report;
}
