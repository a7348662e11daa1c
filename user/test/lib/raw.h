// SPDX-License-Identifier: MIT
/*
 * System calls as they are: a result or a negative errno, with any arguments.
 */
#pragma once

#include <abi/syscall.h>

long raw_call(long number, long a, long b, long c, long d, long e, long f);

#define RAW6(n, a, b, c, d, e, f, ...) \
	raw_call((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define RAW(...) RAW6(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

// A new thread or process that calls fn(arg) on the stack that ends at stack
// and then exits.  Returns its id or a negative errno.
long raw_clone(int (*fn)(void *), void *stack, unsigned long flags, void *arg, int *parent_tid,
	       void *tls, int *child_tid);
