// SPDX-License-Identifier: MIT
/*
 * User copies (vm/usercopy.h): user memory is one array, and any other address
 * is bad.  A copy with a lock held that a page fault would take fails the test.
 */
#include "vm/usercopy.h"

#include <string.h>

#include "abi/errno.h"
#include "fakes/fake.h"
#include "fakes/usercopy.h"
#include "lock/lockclass.h"
#include "lock/spinlock.h"
#include "sync/ranked.h"

static struct lock_class space_class = LOCK_CLASS("address space", RANK_SPACE);

static unsigned char memory[FAKE_USER_SIZE];

uaddr_t
fake_user_memory(void)
{
	return (uaddr_t)memory;
}

// How much of [at, at + n) is user memory from its start on.
static uint64_t
good(uaddr_t at, uint64_t n)
{
	uaddr_t start = (uaddr_t)memory;

	ranked_acquire(memory, &space_class, 0, RANK_STRICT);
	ranked_release(memory, &space_class);
	if (at < start || at >= start + FAKE_USER_SIZE)
		return 0;
	return n < start + FAKE_USER_SIZE - at ? n : start + FAKE_USER_SIZE - at;
}

int
copy_in_some(void *to, uaddr_t from, uint64_t n, uint64_t *done)
{
	*done = good(from, n);
	memcpy(to, (const void *)from, *done);
	return *done == n ? 0 : -EFAULT;
}

int
copy_out_some(uaddr_t to, const void *from, uint64_t n, uint64_t *done)
{
	*done = good(to, n);
	memcpy((void *)to, from, *done);
	return *done == n ? 0 : -EFAULT;
}

int
zero_out_some(uaddr_t to, uint64_t n, uint64_t *done)
{
	*done = good(to, n);
	memset((void *)to, 0, *done);
	return *done == n ? 0 : -EFAULT;
}

int
copy_in(void *to, uaddr_t from, uint64_t n)
{
	uint64_t done;

	return copy_in_some(to, from, n, &done);
}

int
copy_out(uaddr_t to, const void *from, uint64_t n)
{
	uint64_t done;

	return copy_out_some(to, from, n, &done);
}
