// SPDX-License-Identifier: MIT
/*
 * Open files.
 *
 * What every read and write has in common is done here once: the access mode,
 * the range of offsets, the file's own offset and its lock, and that an error
 * after some bytes is not an error.  Below it are the operations of files that
 * have a vnode in a file system.
 *
 * Copies to and from user memory happen inside, with the offset's lock and the
 * vnode's lock held, and a copy may fault.  The rule that keeps this from waiting
 * for itself: a fault in user memory takes no lock of rank RANK_VNODE or below.
 * Anonymous memory needs the space's lock and pages only, both above; making room
 * for a page (mm/reclaim.h) takes no vnode's lock either.  A memory type that
 * reads a file to serve a fault can't keep the rule (the buffer may lie in a
 * mapping of the very file); with it, transfer() brings the user's pages in before
 * the locks are taken, copies without faults, and starts over where one is missing.
 */
#include "vfs/file.h"

#include "abi/dirent.h"
#include "abi/errno.h"
#include "abi/limits.h"
#include "lib/math.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "vfs/dirops.h"
#include "vfs/mount.h"
#include "vfs/vlock.h"
#include "vfs/vnode_lock.h"
#include "vm/usercopy.h"

// A file for so many pages of the machine's, but some in any case.
#define PAGES_PER_FILE 4
#define FILES_MIN      1024

// As much as Linux moves in one call.
#define TRANSFER_MAX UINT64_C(0x7ffff000)

static struct lock_class file_class = LOCK_CLASS("file", RANK_FILE);

static uint32_t files;     // atomic
static uint32_t files_max; // fixed since boot

struct file *
file_alloc(const struct file_ops *ops, uint32_t flags, int *error)
{
	if (__atomic_add_fetch(&files, 1, __ATOMIC_RELAXED) > files_max) {
		*error = -ENFILE;
		goto uncount;
	}
	struct file *f = heap_zalloc(sizeof *f);
	if (f == NULL) {
		*error = -ENOMEM;
		goto uncount;
	}
	f->ops = ops;
	f->flags = flags;
	f->refs = 1;
	mutex_init(&f->lock, &file_class);
	return f;
uncount:
	__atomic_sub_fetch(&files, 1, __ATOMIC_RELAXED);
	return NULL;
}

void
file_get(struct file *f)
{
	__atomic_fetch_add(&f->refs, 1, __ATOMIC_RELAXED);
}

void
file_put(struct file *f)
{
	if (__atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	if (f->ops->close != NULL)
		f->ops->close(f);
	if (f->vnode != NULL)
		vnode_put(f->vnode);
	heap_free(f);
	__atomic_sub_fetch(&files, 1, __ATOMIC_RELAXED);
}

unsigned
file_count(void)
{
	return __atomic_load_n(&files, __ATOMIC_RELAXED);
}

static uint32_t
flags_of(const struct file *f)
{
	return __atomic_load_n(&f->flags, __ATOMIC_RELAXED);
}

// ---- Reading and writing ---------------------------------------------------

static int
sync_vnode(struct vnode *v)
{
	if (v->ops->sync == NULL)
		return 0;
	vnode_lock(v, VOP_SYNC, VROLE_FILE);
	int error = v->ops->sync(v);
	vnode_unlock(v, VOP_SYNC, VROLE_FILE);
	return error;
}

static int
transfer_at(struct file *f, struct uio *uio, uint64_t position,
	    int (*fn)(struct file *f, struct uio *uio))
{
	// No byte of a file has an offset past a signed 64-bit number.
	if (position > (uint64_t)INT64_MAX - uio->left)
		return -EINVAL;
	uio->offset = position;
	return fn(f, uio);
}

static int
transfer(struct file *f, struct uio *uio, int64_t position, enum vop op,
	 int (*fn)(struct file *f, struct uio *uio), uint64_t *done)
{
	int error;

	if (fn == NULL)
		return -EINVAL;
	if (position >= 0 && !f->ops->positioned)
		return -ESPIPE;
	uio->left = MIN(uio->left, TRANSFER_MAX);
	uint64_t asked = uio->left;
	if (position >= 0) {
		error = transfer_at(f, uio, (uint64_t)position, fn);
	} else if (f->ops->positioned) {
		vlock_file(f, op);
		error = transfer_at(f, uio, f->offset, fn);
		if (uio->left < asked)
			f->offset = uio->offset;
		vlock_file_done(f, op);
	} else {
		error = asked == 0 ? 0 : fn(f, uio);
	}
	*done = asked - uio->left;
	return *done > 0 ? 0 : error;
}

int
file_read(struct file *f, struct uio *uio, int64_t position, uint64_t *done)
{
	*done = 0;
	if ((flags_of(f) & O_ACCMODE) == O_WRONLY)
		return -EBADF;
	return transfer(f, uio, position, VOP_READ, f->ops->read, done);
}

int
file_write(struct file *f, struct uio *uio, int64_t position, uint64_t *done)
{
	*done = 0;
	if ((flags_of(f) & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	int error = transfer(f, uio, position, VOP_WRITE, f->ops->write, done);
	if (*done > 0 && (flags_of(f) & O_DSYNC) && f->vnode != NULL)
		error = sync_vnode(f->vnode);
	return error;
}

int
file_seek(struct file *f, int64_t offset, int whence, uint64_t *result)
{
	if (f->ops->seek == NULL)
		return -ESPIPE;
	vlock_file(f, VOP_READ);
	int error = f->ops->seek(f, offset, whence, result);
	vlock_file_done(f, VOP_READ);
	return error;
}

int
file_seek_sized(struct file *f, int64_t offset, int whence, uint64_t size, uint64_t *result)
{
	int64_t base = 0, sum;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = (int64_t)f->offset;
		break;
	case SEEK_END:
		base = (int64_t)size;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		// All is data up to the end, where a hole begins.
		if (offset < 0 || (uint64_t)offset >= size)
			return -ENXIO;
		if (whence == SEEK_HOLE)
			offset = (int64_t)size;
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &sum))
		return -EOVERFLOW;
	if (sum < 0)
		return -EINVAL;
	f->offset = (uint64_t)sum;
	*result = (uint64_t)sum;
	return 0;
}

// ---- The rest --------------------------------------------------------------

int
file_stat(struct file *f, struct stat *st)
{
	if (f->ops->stat != NULL)
		return f->ops->stat(f, st);
	return f->vnode != NULL ? vnode_stat(f->vnode, st) : -EINVAL;
}

int
file_ioctl(struct file *f, uint64_t request, uaddr_t argument)
{
	return f->ops->ioctl != NULL ? f->ops->ioctl(f, request, argument) : -ENOTTY;
}

int
file_sync(struct file *f)
{
	struct vnode *v = f->vnode;

	if (v == NULL || v->type == VNODE_CHARDEV || v->type == VNODE_FIFO)
		return -EINVAL;
	return sync_vnode(v);
}

int
file_truncate(struct file *f, uint64_t size)
{
	if (f->vnode == NULL || (flags_of(f) & O_ACCMODE) == O_RDONLY)
		return -EINVAL;
	return vnode_resize(f->vnode, size);
}

// Where getdents64() is in the user's buffer.
struct dents {
	uaddr_t to;
	uint64_t left;
	int error;
};

static bool
emit_dent(void *arg, const char *name, size_t length, uint64_t number, enum vnode_type type,
	  uint64_t next)
{
	struct dents *d = arg;
	union {
		struct linux_dirent64 dent;
		char bytes[offsetof(struct linux_dirent64, d_name) + NAME_MAX + 1 + 7];
	} u;

	length = MIN(length, (size_t)NAME_MAX);
	size_t used = offsetof(struct linux_dirent64, d_name) + length;
	size_t size = align_up(used + 1, 8);
	if (size > d->left) {
		d->error = -EINVAL;
		return false;
	}
	u.dent.d_ino = number;
	u.dent.d_off = (off_t)next;
	u.dent.d_reclen = (uint16_t)size;
	u.dent.d_type = vnode_type_to_dirent(type);
	memcpy(u.bytes + offsetof(struct linux_dirent64, d_name), name, length);
	memset(u.bytes + used, 0, size - used);
	d->error = copy_out(d->to, u.bytes, size);
	if (d->error != 0)
		return false;
	d->to += size;
	d->left -= size;
	return true;
}

int
file_getdents(struct file *f, uaddr_t buffer, uint64_t size, uint64_t *done)
{
	struct dents d = { .to = buffer, .left = size };

	*done = 0;
	if (f->ops->readdir == NULL)
		return -ENOTDIR;
	vlock_file(f, VOP_READDIR);
	int error = f->ops->readdir(f, &f->offset, emit_dent, &d);
	vlock_file_done(f, VOP_READDIR);
	*done = size - d.left;
	if (*done > 0)
		return 0;
	return error != 0 ? error : d.error;
}

// ---- Files of a file system ------------------------------------------------

static int
vnode_file_read(struct file *f, struct uio *uio)
{
	struct vnode *v = f->vnode;

	if (v->type == VNODE_DIRECTORY)
		return -EISDIR;
	if (v->ops->read == NULL)
		return -EINVAL;
	vnode_lock(v, VOP_READ, VROLE_FILE);
	int error = v->ops->read(v, uio, (int)flags_of(f));
	vnode_unlock(v, VOP_READ, VROLE_FILE);
	return error;
}

static int
vnode_file_write(struct file *f, struct uio *uio)
{
	struct vnode *v = f->vnode;
	uint32_t flags = flags_of(f);
	int error;

	if (v->ops->write == NULL)
		return -EINVAL;
	vnode_lock(v, VOP_WRITE, VROLE_FILE);
	if (flags & O_APPEND)
		uio->offset = v->size;
	if (uio->offset > (uint64_t)INT64_MAX - uio->left)
		error = -EFBIG;
	else
		error = v->ops->write(v, uio, (int)flags);
	vnode_unlock(v, VOP_WRITE, VROLE_FILE);
	return error;
}

static int
vnode_file_readdir(struct file *f, uint64_t *cookie, readdir_emit_fn emit, void *arg)
{
	struct vnode *v = f->vnode;

	if (v->type != VNODE_DIRECTORY || v->ops->readdir == NULL)
		return -ENOTDIR;
	vnode_lock(v, VOP_READDIR, VROLE_FILE);
	int error = v->removed ? -ENOENT : v->ops->readdir(v, cookie, emit, arg);
	vnode_unlock(v, VOP_READDIR, VROLE_FILE);
	return error;
}

static int
vnode_file_seek(struct file *f, int64_t offset, int whence, uint64_t *result)
{
	struct vnode *v = f->vnode;
	uint64_t before = f->offset;

	vnode_lock(v, VOP_GETATTR, VROLE_FILE);
	uint64_t size = v->size;
	vnode_unlock(v, VOP_GETATTR, VROLE_FILE);
	int error = file_seek_sized(f, offset, whence, size, result);
	// Places in a directory are the file system's business.
	if (error == 0 && v->type == VNODE_REGULAR && v->mount->file_max != 0 &&
	    *result > v->mount->file_max) {
		f->offset = before;
		error = -EINVAL;
	}
	return error;
}

const struct file_ops file_vnode_ops = {
	.name = "file",
	.read = vnode_file_read,
	.write = vnode_file_write,
	.readdir = vnode_file_readdir,
	.seek = vnode_file_seek,
	.positioned = true,
};

void
file_init(void)
{
	files_max = (uint32_t)MIN(MAX(page_total_count() / PAGES_PER_FILE, FILES_MIN),
				  UINT64_C(1) << 24);
}
