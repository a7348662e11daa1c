// SPDX-License-Identifier: MIT
/*
 * System calls on the address space (Linux brk(2), mmap(2), munmap(2),
 * mprotect(2)).
 */
#include "abi/errno.h"
#include "abi/mman.h"
#include "arch/layout.h"
#include "arch/pte.h"
#include "sys/syscall_table.h"
#include "vm/mmap.h"

#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

// What Linux also takes as hints or leaves without effect here.
#define MAP_HINTS (MAP_NORESERVE | MAP_STACK | MAP_POPULATE | MAP_NONBLOCK | MAP_LOCKED | \
		   MAP_DENYWRITE | MAP_EXECUTABLE)
#define MAP_KNOWN \
	(MAP_TYPE | MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_HINTS)

static uint32_t
rights_of(uint64_t protection)
{
	return (protection & PROT_READ ? PTE_R : 0) | (protection & PROT_WRITE ? PTE_W : 0) |
	       (protection & PROT_EXEC ? PTE_X : 0);
}

int64_t
sys_brk(uaddr_t end)
{
	return (int64_t)mmap_brk(space_current(), end);
}

int64_t
sys_mmap(uaddr_t address, uint64_t length, uint64_t protection, uint64_t flags, int fd,
	 int64_t offset)
{
	uint64_t type = flags & MAP_TYPE;
	uaddr_t start;

	(void)fd;
	if (offset % (int64_t)PAGE_SIZE != 0 || (protection & ~(uint64_t)PROT_ALL) != 0 ||
	    (flags & ~(uint64_t)MAP_KNOWN) != 0 || (type != MAP_PRIVATE && type != MAP_SHARED))
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS))
		return -ENODEV; // no file offers its pages yet
	struct map_request request = {
		.address = address,
		.size = length,
		.fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0,
		.no_replace = (flags & MAP_FIXED_NOREPLACE) != 0,
		.protection = rights_of(protection),
		.flags = (type == MAP_SHARED ? REGION_SHARED : 0) |
			 (flags & MAP_GROWSDOWN ? REGION_STACK : 0),
		.ops = &region_anonymous,
	};
	int error = mmap_map(space_current(), &request, &start);
	return error != 0 ? error : (int64_t)start;
}

int64_t
sys_munmap(uaddr_t address, uint64_t length)
{
	return mmap_unmap(space_current(), address, length);
}

int64_t
sys_mprotect(uaddr_t address, uint64_t length, uint64_t protection)
{
	if (protection & ~(uint64_t)PROT_ALL)
		return -EINVAL;
	return mmap_protect(space_current(), address, length, rights_of(protection));
}
