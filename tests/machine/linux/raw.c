// SPDX-License-Identifier: MIT
// user/test/lib/raw.h by the C library, on any machine.
#include "../../../user/test/lib/raw.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

long
raw_call(long number, long a, long b, long c, long d, long e, long f)
{
	long result = syscall(number, a, b, c, d, e, f);

	return result == -1 ? -errno : result;
}

long
raw_clone(int (*fn)(void *), void *stack, unsigned long flags, void *arg, int *parent_tid,
	  void *tls, int *child_tid)
{
	int result = clone(fn, stack, (int)flags, arg, parent_tid, tls, child_tid);

	return result == -1 ? -errno : result;
}
