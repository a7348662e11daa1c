// SPDX-License-Identifier: MIT
/*
 * Copying between the kernel and the current process.
 *
 * Any address may be bad: the result is then -EFAULT, never a fault of the
 * kernel.  All may sleep (a copy may fault, and a fault may read a disk), so no
 * spinlock may be held, and no sleeping lock of rank RANK_SPACE or above.
 */
#pragma once

#include "arch/types.h"

// All of n bytes, or -EFAULT.  n 0 succeeds at any address.
int copy_in(void *to, uaddr_t from, uint64_t n);
int copy_out(uaddr_t to, const void *from, uint64_t n);
int zero_out(uaddr_t to, uint64_t n);

// As far as possible; *done gets how much, for reads and writes that end short.
int copy_in_some(void *to, uaddr_t from, uint64_t n, uint64_t *done);
int copy_out_some(uaddr_t to, const void *from, uint64_t n, uint64_t *done);
int zero_out_some(uaddr_t to, uint64_t n, uint64_t *done);

// A string into size bytes.  Returns its length, -EFAULT, or -ENAMETOOLONG if
// it and its NUL don't fit.
int64_t copy_in_string(char *to, uaddr_t from, uint64_t size);

// Whether [address, address + n) lies in the user half; no more than that.
bool user_range(uaddr_t address, uint64_t n);
