// SPDX-License-Identifier: MIT
/*
 * System calls on open files.
 */
#include "abi/errno.h"
#include "abi/ioctl.h"
#include "abi/uio.h"
#include "lib/print.h"
#include "mm/heap.h"
#include "proc/fdtable.h"
#include "proc/proc.h"
#include "sys/syscall_table.h"
#include "vfs/dirops.h"
#include "vfs/mount.h"
#include "vfs/pipe.h"
#include "vm/usercopy.h"

#define PARTS_INLINE 8 // of readv() and writev(); more take a block of the heap

#define CURRENT_POSITION (-1)

static struct fdtable *
files(void)
{
	return proc_current()->files;
}

// ---- Reading and writing -----------------------------------------------------

// Transfer by a uio that is set up.
static int64_t
transfer(int fd, struct uio *uio, int64_t position)
{
	struct file *f = fdtable_file(files(), fd);
	uint64_t done = 0;
	int error;

	if (f == NULL)
		return -EBADF;
	if (uio->direction == UIO_READ)
		error = file_read(f, uio, position, &done);
	else
		error = file_write(f, uio, position, &done);
	file_put(f);
	if (error == -EPIPE)
		signal_send_self(SIGPIPE);
	return error != 0 ? error : (int64_t)done;
}

static int64_t
transfer_one(int fd, enum uio_direction direction, uaddr_t base, uint64_t size, int64_t position)
{
	struct uio_part part;
	struct uio uio;

	uio_init(&uio, &part, direction, UIO_USER, base, size, 0);
	return transfer(fd, &uio, position);
}

int64_t
sys_read(int fd, uaddr_t buffer, uint64_t length)
{
	return transfer_one(fd, UIO_READ, buffer, length, CURRENT_POSITION);
}

int64_t
sys_write(int fd, uaddr_t buffer, uint64_t length)
{
	return transfer_one(fd, UIO_WRITE, buffer, length, CURRENT_POSITION);
}

int64_t
sys_pread64(int fd, uaddr_t buffer, uint64_t length, int64_t offset)
{
	return offset < 0 ? -EINVAL : transfer_one(fd, UIO_READ, buffer, length, offset);
}

int64_t
sys_pwrite64(int fd, uaddr_t buffer, uint64_t length, int64_t offset)
{
	return offset < 0 ? -EINVAL : transfer_one(fd, UIO_WRITE, buffer, length, offset);
}

// A struct iovec is a struct uio_part.
_Static_assert(sizeof(struct iovec) == sizeof(struct uio_part), "parts are copied in whole");
_Static_assert(offsetof(struct iovec, iov_len) == offsetof(struct uio_part, size),
	       "parts are copied in whole");

static bool
parts_fit(const struct uio_part *parts, int count)
{
	uint64_t sum = 0;

	for (int i = 0; i < count; i++) {
		if (parts[i].size > INT64_MAX - sum)
			return false;
		sum += parts[i].size;
	}
	return true;
}

static int64_t
transfer_parts(int fd, enum uio_direction direction, uaddr_t iov, int count)
{
	struct uio_part few[PARTS_INLINE];
	struct uio_part *parts = few;
	struct uio uio;
	int64_t result;

	if (count < 0 || count > UIO_MAXIOV)
		return -EINVAL;
	if (count > PARTS_INLINE)
		parts = heap_alloc_array((size_t)count, sizeof *parts);
	if (parts == NULL)
		return -ENOMEM;
	result = copy_in(parts, iov, (uint64_t)count * sizeof *parts);
	if (result == 0 && !parts_fit(parts, count))
		result = -EINVAL;
	if (result == 0) {
		uio_init_parts(&uio, parts, (unsigned)count, direction, UIO_USER, 0);
		result = transfer(fd, &uio, CURRENT_POSITION);
	}
	if (parts != few)
		heap_free(parts);
	return result;
}

int64_t
sys_readv(int fd, uaddr_t iov, int count)
{
	return transfer_parts(fd, UIO_READ, iov, count);
}

int64_t
sys_writev(int fd, uaddr_t iov, int count)
{
	return transfer_parts(fd, UIO_WRITE, iov, count);
}

int64_t
sys_lseek(int fd, int64_t offset, int whence)
{
	struct file *f = fdtable_file(files(), fd);
	uint64_t result = 0;

	if (f == NULL)
		return -EBADF;
	int error = file_seek(f, offset, whence, &result);
	file_put(f);
	return error != 0 ? error : (int64_t)result;
}

int64_t
sys_getdents64(int fd, uaddr_t buffer, uint64_t length)
{
	struct file *f = fdtable_file(files(), fd);
	uint64_t done = 0;

	if (f == NULL)
		return -EBADF;
	int error = file_getdents(f, buffer, length, &done);
	file_put(f);
	return error != 0 ? error : (int64_t)done;
}

// ---- The file itself ---------------------------------------------------------

int64_t
sys_fstat(int fd, uaddr_t stat)
{
	struct file *f = fdtable_file(files(), fd);
	struct stat st;

	if (f == NULL)
		return -EBADF;
	int error = file_stat(f, &st);
	file_put(f);
	return error != 0 ? error : copy_out(stat, &st, sizeof st);
}

int64_t
sys_ftruncate(int fd, int64_t length)
{
	struct file *f = fdtable_file(files(), fd);

	if (f == NULL)
		return -EBADF;
	int error = length < 0 ? -EINVAL : file_truncate(f, (uint64_t)length);
	file_put(f);
	return error;
}

int64_t
sys_fchmod(int fd, uint32_t mode)
{
	struct vnode_setattr attributes = { .set = SETATTR_MODE, .mode = mode & 07777 };
	struct file *f = fdtable_file(files(), fd);

	if (f == NULL)
		return -EBADF;
	int error = f->vnode != NULL ? vnode_set_attributes(f->vnode, &attributes) : -EINVAL;
	file_put(f);
	return error;
}

int64_t
sys_fsync(int fd)
{
	struct file *f = fdtable_file(files(), fd);

	if (f == NULL)
		return -EBADF;
	int error = file_sync(f);
	file_put(f);
	return error;
}

int64_t
sys_fdatasync(int fd)
{
	return sys_fsync(fd);
}

int64_t
sys_sync(void)
{
	int error = mount_sync_all(false);

	if (error != 0)
		print_limited(PRINT_ERROR, "sync: not everything could be written: error %d",
			      error);
	return 0;
}

// ---- Descriptors -------------------------------------------------------------

int64_t
sys_close(int fd)
{
	return fdtable_close(files(), fd);
}

static int64_t
duplicate(int fd, int from, bool close_on_exec)
{
	struct file *f = fdtable_file(files(), fd);

	if (f == NULL)
		return -EBADF;
	int new = fdtable_reserve(files(), from);
	if (new < 0) {
		file_put(f);
		return new;
	}
	fdtable_install(files(), new, f, close_on_exec);
	return new;
}

int64_t
sys_dup(int old)
{
	return duplicate(old, 0, false);
}

int64_t
sys_dup3(int old, int new, uint64_t flags)
{
	if (old == new || (flags & ~(uint64_t)O_CLOEXEC))
		return -EINVAL;
	struct file *f = fdtable_file(files(), old);
	if (f == NULL)
		return -EBADF;
	int error = fdtable_replace(files(), new, f, (flags & O_CLOEXEC) != 0);
	if (error != 0) {
		file_put(f);
		return error;
	}
	return new;
}

static int
set_flags(struct file *f, uint64_t flags)
{
	const uint32_t changeable = O_APPEND | O_NONBLOCK;
	uint32_t old = __atomic_load_n(&f->flags, __ATOMIC_RELAXED);
	uint32_t new;

	do
		new = (old & ~changeable) | ((uint32_t)flags & changeable);
	while (!__atomic_compare_exchange_n(&f->flags, &old, new, false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED));
	return 0;
}

static int64_t
control_file(int fd, int command, uint64_t argument)
{
	struct file *f = fdtable_file(files(), fd);
	int64_t result = -EINVAL;

	if (f == NULL)
		return -EBADF;
	if (command == F_GETFL)
		result = __atomic_load_n(&f->flags, __ATOMIC_RELAXED);
	else if (command == F_SETFL)
		result = set_flags(f, argument);
	file_put(f);
	return result;
}

int64_t
sys_fcntl(int fd, int command, uint64_t argument)
{
	switch (command) {
	case F_DUPFD:
		return duplicate(fd, (int)argument, false);
	case F_DUPFD_CLOEXEC:
		return duplicate(fd, (int)argument, true);
	case F_GETFD:
		return fdtable_get_cloexec(files(), fd);
	case F_SETFD:
		return fdtable_set_cloexec(files(), fd, (argument & FD_CLOEXEC) != 0);
	default:
		return control_file(fd, command, argument);
	}
}

static int
set_nonblocking(struct file *f, uaddr_t argument)
{
	int on;

	if (copy_in(&on, argument, sizeof on) != 0)
		return -EFAULT;
	if (on)
		__atomic_fetch_or(&f->flags, O_NONBLOCK, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&f->flags, ~(uint32_t)O_NONBLOCK, __ATOMIC_RELAXED);
	return 0;
}

int64_t
sys_ioctl(int fd, uint64_t request, uaddr_t argument)
{
	if (request == FIOCLEX || request == FIONCLEX)
		return fdtable_set_cloexec(files(), fd, request == FIOCLEX);
	struct file *f = fdtable_file(files(), fd);
	if (f == NULL)
		return -EBADF;
	int result = request == FIONBIO ? set_nonblocking(f, argument)
					: file_ioctl(f, request, argument);
	file_put(f);
	return result;
}

// Descriptors for both ends; the caller puts the files on an error.
static int
install_pipe(struct file *end[2], bool close_on_exec, uaddr_t fds)
{
	int fd[2];

	fd[0] = fdtable_reserve(files(), 0);
	if (fd[0] < 0)
		return fd[0];
	fd[1] = fdtable_reserve(files(), 0);
	if (fd[1] < 0) {
		fdtable_unreserve(files(), fd[0]);
		return fd[1];
	}
	if (copy_out(fds, fd, sizeof fd) != 0) {
		fdtable_unreserve(files(), fd[0]);
		fdtable_unreserve(files(), fd[1]);
		return -EFAULT;
	}
	fdtable_install(files(), fd[0], end[0], close_on_exec);
	fdtable_install(files(), fd[1], end[1], close_on_exec);
	return 0;
}

int64_t
sys_pipe2(uaddr_t fds, uint64_t flags)
{
	struct file *end[2];

	if (flags & ~(uint64_t)(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	int error = pipe_create((uint32_t)flags & O_NONBLOCK, &end[0], &end[1]);
	if (error != 0)
		return error;
	error = install_pipe(end, (flags & O_CLOEXEC) != 0, fds);
	if (error != 0) {
		file_put(end[0]);
		file_put(end[1]);
	}
	return error;
}
