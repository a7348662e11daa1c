// SPDX-License-Identifier: MIT
/*
 * open(2).
 *
 * With O_CREAT the last component is looked up under the directory's lock for
 * lookups first, since most often the file is there; only if it is not, under
 * the lock for creating, once more.  A symbolic link is followed and the whole
 * begins again in the directory it leads to, so O_CREAT makes what a dangling
 * link points to; with O_EXCL or O_NOFOLLOW the link itself is what is found.
 *
 * The struct file is made before anything is created or cut, so an open that
 * fails for want of one leaves no trace.
 */
#include "vfs/dirops.h"

#include "abi/errno.h"
#include "vfs/dirops_impl.h"
#include "vfs/pipe.h"
#include "vfs/vfs_impl.h"
#include "vfs/vnode_lock.h"

// What an open file remembers of them (as Linux's F_GETFL tells).
#define FLAGS_OF_OPEN (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)

static bool
writes(int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

// Whether what was found may be opened so.
static int
check_found(const struct vnode *v, int flags)
{
	bool changes = writes(flags) || (flags & O_TRUNC);

	if (v->type == VNODE_SYMLINK)
		return flags & O_DIRECTORY ? -ENOTDIR : -ELOOP;
	if (v->type == VNODE_DIRECTORY && (changes || (flags & O_CREAT)))
		return -EISDIR;
	if (v->type != VNODE_DIRECTORY && (flags & O_DIRECTORY))
		return -ENOTDIR;
	if (v->type == VNODE_REGULAR && changes && (v->mount->flags & MOUNT_READ_ONLY))
		return -EROFS;
	return 0;
}

// Look the walk's last name up and make it if it isn't there.  *made says so.
static int
lookup_or_create(struct walk *w, int flags, uint32_t mode, struct vnode **out, bool *made)
{
	struct vnode_new what = {
		.type = VNODE_REGULAR,
		.mode = mode & 07777 & ~w->ctx->umask,
		.owner = w->ctx->owner,
		.group = w->ctx->group,
	};

	*made = false;
	int error = walk_lookup(w->at, w->rest, w->length, out);
	if (error == -ENOENT) {
		vnode_lock(w->at, VOP_CREATE, VROLE_DIR);
		error = dirops_find_or_create(w->at, w->rest, w->length, &what, out, made);
		vnode_unlock(w->at, VOP_CREATE, VROLE_DIR);
	}
	if (error == 0 && !*made && (flags & O_EXCL)) {
		vnode_put(*out);
		error = -EEXIST;
	}
	return error;
}

// Walk to what shall be opened with O_CREAT, following links in the last place.
static int
walk_create(struct walk *w, int flags, uint32_t mode, struct vnode **out, bool *made)
{
	int error = walk_to_last(w);

	while (error == 0) {
		// A file's name can't be like this.
		if (walk_last_special(w) || w->trailing)
			return -EISDIR;
		error = lookup_or_create(w, flags, mode, out, made);
		if (error != 0)
			return error;
		if ((*out)->type != VNODE_SYMLINK || (flags & O_NOFOLLOW)) {
			*out = walk_cross(*out);
			return 0;
		}
		error = walk_follow_last(w, *out);
		vnode_put(*out);
	}
	return error;
}

static int
find(const struct walk_context *ctx, const char *path, int flags, uint32_t mode, struct vnode **out,
     bool *made)
{
	struct walk w;

	*made = false;
	if (!(flags & O_CREAT))
		return walk_path(ctx, path, flags & O_NOFOLLOW ? WALK_NOFOLLOW : 0, out);
	int error = walk_begin(&w, ctx, path);
	if (error != 0)
		return error;
	error = walk_create(&w, flags, mode, out, made);
	walk_end(&w);
	return error;
}

// Make f an open file of v, which it holds already.
static int
open_vnode(struct vnode *v, int flags, struct file *f)
{
	int error = 0;

	if (v->type == VNODE_FIFO)
		return pipe_open_fifo(v, f);
	if (v->ops->open != NULL) {
		vnode_lock(v, VOP_OPEN, VROLE_TARGET);
		error = v->ops->open(v, f);
		vnode_unlock(v, VOP_OPEN, VROLE_TARGET);
	} else if (v->type == VNODE_CHARDEV || v->type == VNODE_BLOCKDEV) {
		error = -ENXIO;
	}
	if (error == 0 && v->type == VNODE_REGULAR && (flags & O_TRUNC))
		error = vnode_resize(v, 0);
	return error;
}

int
dirops_open(const struct walk_context *ctx, const char *path, int flags, uint32_t mode,
	    struct file **out)
{
	struct vnode *v;
	bool made;
	int error;

	if ((flags & O_ACCMODE) == O_ACCMODE || (flags & O_PATH))
		return -EINVAL;
	if ((flags & O_TMPFILE) == O_TMPFILE)
		return -EOPNOTSUPP;
	if ((flags & O_CREAT) && (flags & O_DIRECTORY))
		return -EINVAL;
	struct file *f = file_alloc(&file_vnode_ops, (uint32_t)(flags & ~O_CLOEXEC), &error);
	if (f == NULL)
		return error;
	error = find(ctx, path, flags, mode, &v, &made);
	if (error != 0)
		goto put_file;
	f->vnode = v;
	if (!made) {
		error = check_found(v, flags);
		if (error == 0)
			error = open_vnode(v, flags, f);
		if (error != 0)
			goto put_file;
	}
	__atomic_store_n(&f->flags, (uint32_t)(flags & ~FLAGS_OF_OPEN), __ATOMIC_RELAXED);
	*out = f;
	return 0;
put_file:
	file_put(f);
	return error;
}
