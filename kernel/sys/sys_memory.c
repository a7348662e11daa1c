// SPDX-License-Identifier: MIT
/*
 * System calls on a process's memory.
 */
#include "abi/errno.h"
#include "abi/mman.h"
#include "proc/fdtable.h"
#include "proc/proc.h"
#include "sys/syscall_table.h"
#include "vfs/file.h"
#include "vm/mmap.h"

#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

static uint32_t
protection_of(uint64_t prot)
{
	return (prot & PROT_READ ? PTE_R : 0) | (prot & PROT_WRITE ? PTE_W : 0) |
	       (prot & PROT_EXEC ? PTE_X : 0);
}

int64_t
sys_brk(uaddr_t end)
{
	return (int64_t)mmap_brk(space_current(), end);
}

// Files can't be mapped yet; but a bad descriptor is the more useful error.
static int
refuse_file(int fd)
{
	struct file *f = fdtable_file(proc_current()->files, fd);

	if (f == NULL)
		return -EBADF;
	file_put(f);
	return -ENODEV;
}

int64_t
sys_mmap(uaddr_t address, uint64_t length, uint64_t protection, uint64_t flags, int fd,
	 int64_t offset)
{
	struct map_request request = {
		.address = address,
		.size = length,
		.fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0,
		.no_replace = (flags & MAP_FIXED_NOREPLACE) != 0,
		.protection = protection_of(protection),
		.flags = (flags & MAP_TYPE) == MAP_PRIVATE ? 0 : REGION_SHARED,
		.ops = &region_anonymous,
	};
	uint64_t type = flags & MAP_TYPE;
	uaddr_t result;

	if (length == 0 || offset < 0 || (uint64_t)offset % PAGE_SIZE != 0)
		return -EINVAL;
	if (type != MAP_PRIVATE && type != MAP_SHARED && type != MAP_SHARED_VALIDATE)
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS))
		return refuse_file(fd);
	int error = mmap_map(space_current(), &request, &result);
	return error != 0 ? error : (int64_t)result;
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
	return mmap_protect(space_current(), address, length, protection_of(protection));
}
