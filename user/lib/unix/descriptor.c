// SPDX-License-Identifier: MIT
/*
 * Making and copying descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../start/result.h"

/*
 * dup3() refuses equal descriptors; dup2() does nothing then, if it is open.
 */
int
dup2(int from, int to)
{
	if (from == to)
		return fcntl(from, F_GETFD) < 0 ? -1 : to;
	return dup3(from, to, 0);
}

int
pipe(int fds[2])
{
	return pipe2(fds, 0);
}

int
dup(int fd)
{
	return (int)__result(__sys_dup(fd));
}

int
dup3(int from, int to, int flags)
{
	return (int)__result(__sys_dup3(from, to, (unsigned int)flags));
}

int
pipe2(int fds[2], int flags)
{
	return (int)__result(__sys_pipe2(fds, (unsigned int)flags));
}
