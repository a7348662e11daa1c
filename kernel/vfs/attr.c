// SPDX-License-Identifier: MIT
/*
 * Attributes, size and bytes of one vnode, by path or known: each locks it as the
 * policy says for what is done and asks the file system.
 */
#include "vfs/dirops.h"

#include "abi/errno.h"
#include "abi/sysmacros.h"
#include "lib/string.h"
#include "vfs/mount.h"
#include "vfs/vnode_lock.h"

static int
check_writable(const struct vnode *v)
{
	return v->mount->flags & MOUNT_READ_ONLY ? -EROFS : 0;
}

int
vnode_stat(struct vnode *v, struct stat *st)
{
	memset(st, 0, sizeof *st);
	if (v->ops->getattr == NULL)
		return -ENOSYS;
	st->st_dev = makedev(0, v->mount->id);
	st->st_ino = v->number;
	st->st_rdev = v->device;
	st->st_blksize = 4096;
	vnode_lock(v, VOP_GETATTR, VROLE_TARGET);
	st->st_nlink = v->links;
	st->st_size = (off_t)v->size;
	int error = v->ops->getattr(v, st);
	vnode_unlock(v, VOP_GETATTR, VROLE_TARGET);
	st->st_mode = (st->st_mode & 07777) | vnode_type_to_mode(v->type);
	return error;
}

int
vnode_set_attributes(struct vnode *v, const struct vnode_setattr *change)
{
	int error = check_writable(v);

	if (error != 0)
		return error;
	if (v->ops->setattr == NULL)
		return -EPERM;
	vnode_lock(v, VOP_SETATTR, VROLE_TARGET);
	error = v->ops->setattr(v, change);
	vnode_unlock(v, VOP_SETATTR, VROLE_TARGET);
	return error;
}

int
vnode_resize(struct vnode *v, uint64_t size)
{
	int error = check_writable(v);

	if (v->type == VNODE_DIRECTORY)
		return -EISDIR;
	if (v->type != VNODE_REGULAR || v->ops->truncate == NULL || size > INT64_MAX)
		return -EINVAL;
	if (error != 0)
		return error;
	vnode_lock(v, VOP_TRUNCATE, VROLE_TARGET);
	error = v->ops->truncate(v, size);
	vnode_unlock(v, VOP_TRUNCATE, VROLE_TARGET);
	return error;
}

int
vnode_read_kernel(struct vnode *v, void *to, uint64_t size, uint64_t offset, uint64_t *done)
{
	struct uio_part part;
	struct uio uio;

	*done = 0;
	if (v->type == VNODE_DIRECTORY)
		return -EISDIR;
	if (v->type != VNODE_REGULAR || v->ops->read == NULL)
		return -EINVAL;
	uio_init(&uio, &part, UIO_READ, UIO_KERNEL, (uint64_t)to, size, offset);
	vnode_lock(v, VOP_READ, VROLE_TARGET);
	int error = v->ops->read(v, &uio, 0);
	vnode_unlock(v, VOP_READ, VROLE_TARGET);
	*done = size - uio.left;
	return *done > 0 ? 0 : error;
}

// ---- By path ---------------------------------------------------------------

int
dirops_truncate(const struct walk_context *ctx, const char *path, uint64_t size)
{
	struct vnode *v;

	int error = walk_path(ctx, path, 0, &v);
	if (error != 0)
		return error;
	error = vnode_resize(v, size);
	vnode_put(v);
	return error;
}

int
dirops_stat(const struct walk_context *ctx, const char *path, unsigned walk_flags, struct stat *st)
{
	struct vnode *v;

	int error = walk_path(ctx, path, walk_flags, &v);
	if (error != 0)
		return error;
	error = vnode_stat(v, st);
	vnode_put(v);
	return error;
}

int
dirops_setattr(const struct walk_context *ctx, const char *path, unsigned walk_flags,
	       const struct vnode_setattr *change)
{
	struct vnode *v;

	int error = walk_path(ctx, path, walk_flags, &v);
	if (error != 0)
		return error;
	error = vnode_set_attributes(v, change);
	vnode_put(v);
	return error;
}

int
dirops_readlink(const struct walk_context *ctx, const char *path, char *to, size_t size,
		size_t *length)
{
	struct vnode *v;

	int error = walk_path(ctx, path, WALK_NOFOLLOW, &v);
	if (error != 0)
		return error;
	if (v->type != VNODE_SYMLINK || v->ops->readlink == NULL) {
		error = -EINVAL;
	} else {
		vnode_lock(v, VOP_READLINK, VROLE_TARGET);
		error = v->ops->readlink(v, to, size, length);
		vnode_unlock(v, VOP_READLINK, VROLE_TARGET);
	}
	vnode_put(v);
	return error;
}
