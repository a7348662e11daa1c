// SPDX-License-Identifier: MIT
/*
 * Making, linking, removing and renaming names; opening files.
 *
 * All have the same course: walk to the directory of the name, lock it for
 * writing, look the name up again under that lock, check everything, let the
 * file system do it, tell the name cache, unlock, and only then put references
 * (a last put locks and may free a file on the disk).
 *
 *   1. Locked at once: a directory and what a name in it means (parent before
 *      child), or for a rename two of each (rename.c).
 *   2. A directory that was removed while we came here has no names: -ENOENT.
 *      Its vnode's `removed` is set, and read, under its own lock.
 *   3. What is mounted on, or is the root of a mount, is not removed or
 *      renamed: -EBUSY.
 *
 * Where POSIX leaves the error open it is Linux's: for a last component that is
 * "." or "..", and for slashes behind it.
 */
#include "vfs/dirops.h"

#include "abi/errno.h"
#include "abi/limits.h"
#include "lib/string.h"
#include "vfs/dirops_impl.h"
#include "vfs/namecache.h"
#include "vfs/vfs_impl.h"
#include "vfs/vnode_lock.h"

static bool
read_only(const struct vnode *v)
{
	return (v->mount->flags & MOUNT_READ_ONLY) != 0;
}

int
dirops_changed(struct vnode *dir, const char *name, size_t length, uint64_t number, int error)
{
	if (error == 0)
		namecache_enter(dir, name, length, number);
	else
		namecache_forget(dir, name, length);
	return error;
}

// ---- Making names ----------------------------------------------------------

// dir, locked for VOP_CREATE, shall get a new name: 0 if it can.
static int
check_new_name(struct vnode *dir, const char *name, size_t length)
{
	struct vnode *there;

	int error = walk_lookup_locked(dir, name, length, &there);
	if (error == 0) {
		vnode_put(there);
		return -EEXIST;
	}
	if (error != -ENOENT || dir->removed)
		return error;
	if (read_only(dir))
		return -EROFS;
	return 0;
}

// Make `what` in dir, which is locked for VOP_CREATE; *out gets its vnode.
static int
create_locked(struct vnode *dir, const char *name, size_t length, const struct vnode_new *what,
	      struct vnode **out)
{
	uint64_t number = 0;

	if (dir->ops->create == NULL)
		return -EPERM;
	int error = dir->ops->create(dir, name, length, what, &number);
	error = dirops_changed(dir, name, length, number, error);
	if (error == 0 && out != NULL)
		error = vnode_get_by_number(dir->mount, number, out);
	return error;
}

int
dirops_find_or_create(struct vnode *dir, const char *name, size_t length,
		      const struct vnode_new *what, struct vnode **out, bool *made)
{
	int error = walk_lookup_locked(dir, name, length, out);

	*made = false;
	if (error != -ENOENT || dir->removed)
		return error;
	if (read_only(dir))
		return -EROFS;
	error = create_locked(dir, name, length, what, out);
	*made = error == 0;
	return error;
}

// Whether slashes may follow the new name.
enum slashes {
	SLASHES_DIRECTORY, // it is a directory
	SLASHES_FORBIDDEN,
};

static int
make(const struct walk_context *ctx, const char *path, const struct vnode_new *what,
     enum slashes slashes)
{
	struct walk w;

	int error = walk_begin(&w, ctx, path);
	if (error != 0)
		return error;
	error = walk_to_last(&w);
	if (error == 0 && walk_last_special(&w))
		error = -EEXIST;
	if (error != 0)
		goto end_walk;
	vnode_lock(w.at, VOP_CREATE, VROLE_DIR);
	error = check_new_name(w.at, w.rest, w.length);
	if (error == 0 && w.trailing && slashes == SLASHES_FORBIDDEN)
		error = -ENOENT;
	if (error == 0)
		error = create_locked(w.at, w.rest, w.length, what, NULL);
	vnode_unlock(w.at, VOP_CREATE, VROLE_DIR);
end_walk:
	walk_end(&w);
	return error;
}

static struct vnode_new
new_of(const struct walk_context *ctx, enum vnode_type type, uint32_t mode)
{
	return (struct vnode_new){
		.type = type,
		.mode = mode & 07777 & ~ctx->umask,
		.owner = ctx->owner,
		.group = ctx->group,
	};
}

int
dirops_mknod(const struct walk_context *ctx, const char *path, uint32_t mode, uint64_t device)
{
	enum vnode_type type = (mode & S_IFMT) == 0 ? VNODE_REGULAR : vnode_type_from_mode(mode);

	if (type == VNODE_DIRECTORY)
		return -EPERM;
	if (type == VNODE_NONE || type == VNODE_SYMLINK)
		return -EINVAL;
	struct vnode_new what = new_of(ctx, type, mode);
	if (type == VNODE_CHARDEV || type == VNODE_BLOCKDEV)
		what.device = device;
	return make(ctx, path, &what, SLASHES_FORBIDDEN);
}

int
dirops_mkdir(const struct walk_context *ctx, const char *path, uint32_t mode)
{
	struct vnode_new what = new_of(ctx, VNODE_DIRECTORY, mode);

	return make(ctx, path, &what, SLASHES_DIRECTORY);
}

int
dirops_symlink(const struct walk_context *ctx, const char *target, const char *path)
{
	struct vnode_new what = new_of(ctx, VNODE_SYMLINK, 0777);

	if (target[0] == '\0')
		return -ENOENT;
	if (strlen(target) >= PATH_MAX)
		return -ENAMETOOLONG;
	what.mode = 0777;
	what.target = target;
	return make(ctx, path, &what, SLASHES_FORBIDDEN);
}

// The name for `target` in dir, which is locked for VOP_CREATE.
static int
link_locked(struct vnode *dir, const char *name, size_t length, struct vnode *target)
{
	int error = check_new_name(dir, name, length);
	if (error != 0)
		return error;
	if (dir->mount != target->mount)
		return -EXDEV;
	if (dir->ops->link == NULL)
		return -EPERM;
	vnode_lock(target, VOP_CREATE, VROLE_TARGET);
	// Its last name may have gone while we had only a reference.
	if (target->links == 0)
		error = -ENOENT;
	else
		error = dirops_changed(dir, name, length, target->number,
				       dir->ops->link(dir, name, length, target));
	vnode_unlock(target, VOP_CREATE, VROLE_TARGET);
	return error;
}

int
dirops_link(const struct walk_context *old_ctx, const char *old_path,
	    const struct walk_context *new_ctx, const char *new_path, bool follow)
{
	struct vnode *target;
	struct walk w;

	int error = walk_path(old_ctx, old_path, follow ? 0 : WALK_NOFOLLOW, &target);
	if (error != 0)
		return error;
	error = walk_begin(&w, new_ctx, new_path);
	if (error != 0)
		goto put_target;
	error = walk_to_last(&w);
	if (error == 0 && walk_last_special(&w))
		error = -EEXIST;
	if (error == 0 && target->type == VNODE_DIRECTORY)
		error = -EPERM;
	if (error != 0)
		goto end_walk;
	vnode_lock(w.at, VOP_CREATE, VROLE_DIR);
	if (w.trailing) {
		error = check_new_name(w.at, w.rest, w.length);
		error = error == 0 ? -ENOENT : error;
	} else {
		error = link_locked(w.at, w.rest, w.length, target);
	}
	vnode_unlock(w.at, VOP_CREATE, VROLE_DIR);
end_walk:
	walk_end(&w);
put_target:
	vnode_put(target);
	return error;
}

// ---- Removing names --------------------------------------------------------

bool
dirops_is_mount_point(struct vnode *v)
{
	return __atomic_load_n(&v->mounted_here, __ATOMIC_RELAXED) != NULL || v == v->mount->root;
}

// What remove() is asked for.
enum victim {
	VICTIM_FILE,
	VICTIM_DIRECTORY,
};

static int
check_victim(const struct walk *w, struct vnode *v, enum victim kind)
{
	if (kind == VICTIM_DIRECTORY && v->type != VNODE_DIRECTORY)
		return -ENOTDIR;
	if (kind == VICTIM_FILE && v->type == VNODE_DIRECTORY)
		return -EISDIR;
	if (kind == VICTIM_FILE && w->trailing)
		return -ENOTDIR;
	if (read_only(v))
		return -EROFS;
	if (v->type == VNODE_DIRECTORY && dirops_is_mount_point(v))
		return -EBUSY;
	return w->at->ops->unlink == NULL ? -EPERM : 0;
}

// Remove the walk's last name, from w->at locked for VOP_REMOVE.  *victim gets
// what it meant, with a reference, or NULL.
static int
remove_locked(struct walk *w, enum victim kind, struct vnode **victim)
{
	struct vnode *v;

	*victim = NULL;
	int error = walk_lookup_locked(w->at, w->rest, w->length, &v);
	if (error != 0)
		return error;
	*victim = v;
	vnode_lock(v, VOP_REMOVE, VROLE_TARGET);
	error = check_victim(w, v, kind);
	if (error == 0)
		error = dirops_changed(w->at, w->rest, w->length, 0,
				       w->at->ops->unlink(w->at, w->rest, w->length, v));
	if (error == 0 && kind == VICTIM_DIRECTORY)
		v->removed = true;
	if (error == 0 && v->links == 0)
		vnode_unlinked(v);
	vnode_unlock(v, VOP_REMOVE, VROLE_TARGET);
	return error;
}

static int
remove_name(struct walk *w, enum victim kind)
{
	struct vnode *victim;

	vnode_lock(w->at, VOP_REMOVE, VROLE_DIR);
	int error = remove_locked(w, kind, &victim);
	vnode_unlock(w->at, VOP_REMOVE, VROLE_DIR);
	if (victim != NULL)
		vnode_put(victim);
	return error;
}

int
dirops_unlink(const struct walk_context *ctx, const char *path)
{
	struct walk w;

	int error = walk_begin(&w, ctx, path);
	if (error != 0)
		return error;
	error = walk_to_last(&w);
	if (error == 0 && walk_last_special(&w))
		error = -EISDIR;
	if (error == 0)
		error = remove_name(&w, VICTIM_FILE);
	walk_end(&w);
	return error;
}

int
dirops_rmdir(const struct walk_context *ctx, const char *path)
{
	static const int special[] = { -EBUSY, -EINVAL, -ENOTEMPTY }; // "/", ".", ".."
	struct walk w;

	int error = walk_begin(&w, ctx, path);
	if (error != 0)
		return error;
	error = walk_to_last(&w);
	if (error == 0 && walk_last_special(&w))
		error = special[w.length];
	if (error == 0)
		error = remove_name(&w, VICTIM_DIRECTORY);
	walk_end(&w);
	return error;
}
