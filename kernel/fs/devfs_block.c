// SPDX-License-Identifier: MIT
/*
 * A block device as a file: its bytes through the buffer cache, so that they are
 * the ones that a mounted file system on it sees.
 *
 * Who reads may find a block that is just being changed.  Who writes must be
 * alone on the device: neither a mount nor another writer (-EBUSY).
 */
#include "abi/errno.h"
#include "abi/ioctl.h"
#include "block/buf.h"
#include "fs/devfs_impl.h"
#include "lib/math.h"
#include "vm/usercopy.h"

static uint64_t
size_of(const struct blockdev *dev)
{
	return dev->blocks * BLOCK_SIZE;
}

static int
copy_block(struct blockdev *dev, struct uio *uio)
{
	uint64_t at = uio->offset % BLOCK_SIZE;
	uint64_t n = MIN(BLOCK_SIZE - at, uio->left);
	struct buf *b;

	int error = buf_get(dev, uio->offset / BLOCK_SIZE, BUF_READ, &b);
	if (error != 0)
		return error;
	error = uio_copy(uio, b->data + at, n);
	if (uio->direction == UIO_WRITE)
		buf_mark_dirty(b);
	buf_put(b);
	return error;
}

static int
block_transfer(struct file *f, struct uio *uio)
{
	struct blockdev *dev = f->data;
	int error = 0;

	while (error == 0 && uio->left > 0 && uio->offset < size_of(dev))
		error = copy_block(dev, uio);
	return error;
}

static int
block_write(struct file *f, struct uio *uio)
{
	uint64_t asked = uio->left;
	int error = block_transfer(f, uio);

	return error == 0 && asked > 0 && uio->left == asked ? -ENOSPC : error;
}

static int
block_seek(struct file *f, int64_t offset, int whence, uint64_t *result)
{
	return file_seek_sized(f, offset, whence, size_of(f->data), result);
}

static int
block_ioctl(struct file *f, uint64_t request, uaddr_t argument)
{
	struct blockdev *dev = f->data;
	int32_t sector = BLOCK_SIZE;
	uint64_t size = size_of(dev);

	switch (request) {
	case BLKSSZGET:
		return copy_out(argument, &sector, sizeof sector);
	case BLKGETSIZE64:
		return copy_out(argument, &size, sizeof size);
	case BLKFLSBUF:
		return buf_sync(dev);
	default:
		return -ENOTTY;
	}
}

static bool
is_writer(const struct file *f)
{
	return (__atomic_load_n(&f->flags, __ATOMIC_RELAXED) & O_ACCMODE) != O_RDONLY;
}

static void
block_close(struct file *f)
{
	struct blockdev *dev = f->data;

	if (is_writer(f))
		__atomic_sub_fetch(&dev->users, 1, __ATOMIC_RELEASE);
}

static const struct file_ops block_ops = {
	.name = "block device",
	.read = block_transfer,
	.write = block_write,
	.ioctl = block_ioctl,
	.seek = block_seek,
	.close = block_close,
	.positioned = true,
};

int
devfs_block_open(struct vnode *v, struct file *f)
{
	struct blockdev *dev = blockdev_by_id((uint32_t)v->device);
	uint32_t nobody = 0;

	if (dev == NULL)
		return -ENXIO;
	if (is_writer(f)) {
		if (dev->read_only)
			return -EROFS;
		if (!__atomic_compare_exchange_n(&dev->users, &nobody, 1, false, __ATOMIC_ACQUIRE,
						 __ATOMIC_RELAXED))
			return -EBUSY;
	}
	f->data = dev;
	f->ops = &block_ops;
	return 0;
}

int
devfs_block_sync(struct vnode *v)
{
	struct blockdev *dev = blockdev_by_id((uint32_t)v->device);

	return dev != NULL ? buf_sync(dev) : -ENXIO;
}
