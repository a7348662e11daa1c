// SPDX-License-Identifier: MIT
/*
 * Copying between the kernel and the current process (vm/usercopy.h).
 *
 * The range is checked against the user half here; whether its pages may be
 * touched is found out by touching them (arch/uaccess.h).
 */
#include "vm/usercopy.h"

#include "abi/errno.h"
#include "arch/layout.h"
#include "arch/uaccess.h"
#include "lib/math.h"
#include "lock/spinlock.h"

bool
user_range(uaddr_t address, uint64_t n)
{
	return address <= USER_TOP && n <= USER_TOP - address;
}

// How much of [address, address + n) lies in the user half.
static uint64_t
user_part(uaddr_t address, uint64_t n)
{
	assert_may_sleep("a user copy");
	return address < USER_TOP ? MIN(n, USER_TOP - address) : 0;
}

int
copy_in_some(void *to, uaddr_t from, uint64_t n, uint64_t *done)
{
	uint64_t part = user_part(from, n);

	*done = part - (part > 0 ? uaccess_copy_in(to, from, part) : 0);
	return *done == n ? 0 : -EFAULT;
}

int
copy_out_some(uaddr_t to, const void *from, uint64_t n, uint64_t *done)
{
	uint64_t part = user_part(to, n);

	*done = part - (part > 0 ? uaccess_copy_out(to, from, part) : 0);
	return *done == n ? 0 : -EFAULT;
}

int
zero_out_some(uaddr_t to, uint64_t n, uint64_t *done)
{
	uint64_t part = user_part(to, n);

	*done = part - (part > 0 ? uaccess_zero(to, part) : 0);
	return *done == n ? 0 : -EFAULT;
}

// All or nothing: a range that leaves the user half is not begun.
int
copy_in(void *to, uaddr_t from, uint64_t n)
{
	uint64_t done;

	return n == 0 || user_range(from, n) ? copy_in_some(to, from, n, &done) : -EFAULT;
}

int
copy_out(uaddr_t to, const void *from, uint64_t n)
{
	uint64_t done;

	return n == 0 || user_range(to, n) ? copy_out_some(to, from, n, &done) : -EFAULT;
}

int
zero_out(uaddr_t to, uint64_t n)
{
	uint64_t done;

	return n == 0 || user_range(to, n) ? zero_out_some(to, n, &done) : -EFAULT;
}

int64_t
copy_in_string(char *to, uaddr_t from, uint64_t size)
{
	uint64_t part = user_part(from, size);

	if (part == 0)
		return size == 0 ? -ENAMETOOLONG : -EFAULT;
	int64_t length = uaccess_copy_string(to, from, part);
	if (length < 0)
		return -EFAULT;
	if ((uint64_t)length < part)
		return length;
	return part < size ? -EFAULT : -ENAMETOOLONG;
}
