// SPDX-License-Identifier: MIT
/*
 * System calls on descriptors (POSIX.1-2017; Linux where it has more).
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/signal.h"
#include "abi/uio.h"
#include "lib/math.h"
#include "mm/heap.h"
#include "proc/fdtable.h"
#include "proc/proc.h"
#include "sys/syscall_table.h"
#include "vfs/dirops.h"
#include "vfs/file.h"
#include "vfs/pipe.h"
#include "vm/usercopy.h"

// A read or write moves at most this much (Linux MAX_RW_COUNT).
#define TRANSFER_MAX UINT64_C(0x7ffff000)

#define AT_OFFSET (-1) // not positioned: at the file's own offset

// What F_SETFL can change.
#define SETFL_FLAGS (O_APPEND | O_NONBLOCK)

// Transfers of few parts need no allocation.
#define PARTS_SMALL 8

static struct fdtable *
files(void)
{
	return proc_current()->files;
}

static struct file *
file_of(int fd)
{
	return fdtable_file(files(), fd);
}

// ---- Reading and writing -----------------------------------------------------

static int64_t
transfer(int fd, struct uio *u, int64_t position)
{
	struct file *f = file_of(fd);
	uint64_t done = 0;
	int error;

	if (f == NULL)
		return -EBADF;
	if (u->direction == UIO_READ)
		error = file_read(f, u, position, &done);
	else
		error = file_write(f, u, position, &done);
	file_put(f);
	if (error == -EPIPE)
		signal_send_self(SIGPIPE);
	return error != 0 ? error : (int64_t)done;
}

static int64_t
transfer_one(int fd, uaddr_t buffer, uint64_t length, enum uio_direction direction,
	     int64_t position)
{
	struct uio u;
	struct uio_part part;

	uio_init(&u, &part, direction, UIO_USER, buffer, MIN(length, TRANSFER_MAX), 0);
	return transfer(fd, &u, position);
}

int64_t
sys_read(int fd, uaddr_t buffer, uint64_t length)
{
	return transfer_one(fd, buffer, length, UIO_READ, AT_OFFSET);
}

int64_t
sys_write(int fd, uaddr_t buffer, uint64_t length)
{
	return transfer_one(fd, buffer, length, UIO_WRITE, AT_OFFSET);
}

int64_t
sys_pread64(int fd, uaddr_t buffer, uint64_t length, int64_t offset)
{
	return offset < 0 ? -EINVAL : transfer_one(fd, buffer, length, UIO_READ, offset);
}

int64_t
sys_pwrite64(int fd, uaddr_t buffer, uint64_t length, int64_t offset)
{
	return offset < 0 ? -EINVAL : transfer_one(fd, buffer, length, UIO_WRITE, offset);
}

// struct iovec and struct uio_part have the same shape: read one as the other.
_Static_assert(sizeof(struct iovec) == sizeof(struct uio_part), "a part is an iovec");
_Static_assert(offsetof(struct iovec, iov_len) == offsetof(struct uio_part, size),
	       "a part is an iovec");

// Check the lengths and cut the whole at TRANSFER_MAX.
static int
check_parts(struct uio_part *part, int count)
{
	uint64_t room = TRANSFER_MAX;

	for (int i = 0; i < count; i++) {
		if (part[i].size > INT64_MAX)
			return -EINVAL;
		part[i].size = MIN(part[i].size, room);
		room -= part[i].size;
	}
	return 0;
}

static int64_t
transfer_parts(int fd, uaddr_t iov, int count, enum uio_direction direction)
{
	struct uio_part small[PARTS_SMALL];
	struct uio_part *part = small;
	struct uio u;

	if (count < 0 || count > UIO_MAXIOV)
		return -EINVAL;
	if (count > PARTS_SMALL && (part = heap_alloc_array((size_t)count, sizeof *part)) == NULL)
		return -ENOMEM;
	int64_t result = copy_in(part, iov, (uint64_t)count * sizeof *part);
	if (result == 0)
		result = check_parts(part, count);
	if (result == 0) {
		uio_init_parts(&u, part, (unsigned)count, direction, UIO_USER, 0);
		result = transfer(fd, &u, AT_OFFSET);
	}
	if (part != small)
		heap_free(part);
	return result;
}

int64_t
sys_readv(int fd, uaddr_t iov, int count)
{
	return transfer_parts(fd, iov, count, UIO_READ);
}

int64_t
sys_writev(int fd, uaddr_t iov, int count)
{
	return transfer_parts(fd, iov, count, UIO_WRITE);
}

int64_t
sys_getdents64(int fd, uaddr_t buffer, uint64_t length)
{
	struct file *f = file_of(fd);
	uint64_t done = 0;

	if (f == NULL)
		return -EBADF;
	int error = file_getdents(f, buffer, MIN(length, TRANSFER_MAX), &done);
	file_put(f);
	return error != 0 ? error : (int64_t)done;
}

int64_t
sys_lseek(int fd, int64_t offset, int whence)
{
	struct file *f = file_of(fd);
	uint64_t result = 0;

	if (f == NULL)
		return -EBADF;
	int error = file_seek(f, offset, whence, &result);
	file_put(f);
	return error != 0 ? error : (int64_t)result;
}

// ---- The file behind a descriptor --------------------------------------------

int64_t
sys_fstat(int fd, uaddr_t address)
{
	struct file *f = file_of(fd);
	struct stat st;

	if (f == NULL)
		return -EBADF;
	int error = file_stat(f, &st);
	file_put(f);
	return error != 0 ? error : copy_out(address, &st, sizeof st);
}

int64_t
sys_ftruncate(int fd, int64_t length)
{
	struct file *f = file_of(fd);

	if (f == NULL)
		return -EBADF;
	int error = length < 0 ? -EINVAL : file_truncate(f, (uint64_t)length);
	file_put(f);
	return error;
}

int64_t
sys_fsync(int fd)
{
	struct file *f = file_of(fd);

	if (f == NULL)
		return -EBADF;
	int error = file_sync(f);
	file_put(f);
	return error;
}

// Data without its inode is no cheaper here.
int64_t
sys_fdatasync(int fd)
{
	return sys_fsync(fd);
}

int64_t
sys_fchmod(int fd, uint32_t mode)
{
	struct vnode_setattr change = { .set = SETATTR_MODE, .mode = mode & 07777 };
	struct file *f = file_of(fd);

	if (f == NULL)
		return -EBADF;
	int error = f->vnode != NULL ? vnode_set_attributes(f->vnode, &change) : -EINVAL;
	file_put(f);
	return error;
}

int64_t
sys_ioctl(int fd, uint64_t request, uaddr_t argument)
{
	struct file *f = file_of(fd);

	if (f == NULL)
		return -EBADF;
	int error = file_ioctl(f, request, argument);
	file_put(f);
	return error;
}

// ---- Descriptors -------------------------------------------------------------

// A new descriptor at or above from for f, whose reference passes to it.
static int64_t
install(struct file *f, int from, bool close_on_exec)
{
	int fd = fdtable_reserve(files(), from);

	if (fd < 0)
		file_put(f);
	else
		fdtable_install(files(), fd, f, close_on_exec);
	return fd;
}

int64_t
sys_dup(int old)
{
	struct file *f = file_of(old);
	return f != NULL ? install(f, 0, false) : -EBADF;
}

int64_t
sys_dup3(int old, int new, uint64_t flags)
{
	if ((flags & ~(uint64_t)O_CLOEXEC) != 0 || old == new)
		return -EINVAL;
	struct file *f = file_of(old);
	if (f == NULL)
		return -EBADF;
	int error = fdtable_replace(files(), new, f, (flags & O_CLOEXEC) != 0);
	if (error != 0)
		file_put(f);
	return error != 0 ? error : new;
}

int64_t
sys_close(int fd)
{
	return fdtable_close(files(), fd);
}

// Change only the bits of SETFL_FLAGS, in one step.
static void
set_status_flags(struct file *f, uint64_t flags)
{
	uint32_t old = __atomic_load_n(&f->flags, __ATOMIC_RELAXED);
	uint32_t new;

	do
		new = (old & ~(uint32_t)SETFL_FLAGS) | ((uint32_t)flags & SETFL_FLAGS);
	while (!__atomic_compare_exchange_n(&f->flags, &old, new, false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED));
}

// The commands that need the file; the reference passes to this function.
static int64_t
fcntl_file(struct file *f, int command, uint64_t argument)
{
	int64_t result = 0;

	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (argument < FD_MAX)
			return install(f, (int)argument, command == F_DUPFD_CLOEXEC);
		result = -EINVAL;
		break;
	case F_GETFL:
		result = (int64_t)f->flags;
		break;
	case F_SETFL:
		set_status_flags(f, argument);
		break;
	default:
		result = -EINVAL;
	}
	file_put(f);
	return result;
}

int64_t
sys_fcntl(int fd, int command, uint64_t argument)
{
	if (command == F_GETFD)
		return fdtable_get_cloexec(files(), fd);
	if (command == F_SETFD)
		return fdtable_set_cloexec(files(), fd, (argument & FD_CLOEXEC) != 0);
	struct file *f = file_of(fd);
	return f != NULL ? fcntl_file(f, command, argument) : -EBADF;
}

int64_t
sys_pipe2(uaddr_t address, uint64_t flags)
{
	bool close_on_exec = (flags & O_CLOEXEC) != 0;
	struct file *end[2];
	int fd[2];

	if (flags & ~(uint64_t)(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	int error = pipe_create((uint32_t)flags & O_NONBLOCK, &end[0], &end[1]);
	if (error != 0)
		return error;
	error = fd[0] = fdtable_reserve(files(), 0);
	if (fd[0] < 0)
		goto put_files;
	error = fd[1] = fdtable_reserve(files(), 0);
	if (fd[1] < 0)
		goto unreserve_first;
	error = copy_out(address, fd, sizeof fd);
	if (error != 0)
		goto unreserve_second;
	fdtable_install(files(), fd[0], end[0], close_on_exec);
	fdtable_install(files(), fd[1], end[1], close_on_exec);
	return 0;

unreserve_second:
	fdtable_unreserve(files(), fd[1]);
unreserve_first:
	fdtable_unreserve(files(), fd[0]);
put_files:
	file_put(end[0]);
	file_put(end[1]);
	return error;
}
