// SPDX-License-Identifier: MIT
/*
 * Mapping memory, and the program's break.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../start/result.h"

static char *current; // the break, once asked for

/*
 * The system call returns the break as it is afterwards, changed or not.
 */
int
brk(void *end)
{
	current = (char *)__sys_brk(end);
	if (current != end) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

void *
sbrk(intptr_t increment)
{
	char *old;

	if (current == NULL)
		current = (char *)__sys_brk(NULL);
	old = current;
	if (increment != 0) {
		uintptr_t end = (uintptr_t)old + (uintptr_t)increment;

		if ((increment > 0) != (end > (uintptr_t)old)) {
			errno = ENOMEM;
			return (void *)-1;
		}
		if (brk((void *)end) < 0)
			return (void *)-1;
	}
	return old;
}

void *
mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	return (void *)__result(__sys_mmap(address, length, (unsigned int)protection,
					   (unsigned int)flags, fd, offset));
}

int
munmap(void *address, size_t length)
{
	return (int)__result(__sys_munmap(address, length));
}

int
mprotect(void *address, size_t length, int protection)
{
	return (int)__result(__sys_mprotect(address, length, (unsigned int)protection));
}
