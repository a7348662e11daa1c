// SPDX-License-Identifier: MIT
/*
 * fcntl() and ioctl(): one argument, whose type depends on the command.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#include "../start/result.h"

int
fcntl(int fd, int command, ...)
{
	va_list args;
	unsigned long argument;

	va_start(args, command);
	argument = va_arg(args, unsigned long);
	va_end(args);
	return (int)__result(__sys_fcntl(fd, command, argument));
}

int
ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *argument;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	return (int)__result(__sys_ioctl(fd, request, argument));
}
