// SPDX-License-Identifier: MIT
/*
 * Rename: the one operation with four vnodes.
 *
 *   1. Within a directory: that directory, then source and replaced.
 *   2. Across directories: the mount's rename lock first.  With it the tree
 *      above both parents stands still (only such a rename moves a directory),
 *      so it is found out, without any vnode's lock held for longer than a step
 *      upwards, whether one parent lies below the other and through which child.
 *   3. Then both parents, the upper one first; if neither is below the other the
 *      policy has an order of its own (vfs/vlock.h).
 *   4. A directory that is moved must not be above the new parent (-EINVAL), and
 *      one that is replaced not above the old parent (-ENOTEMPTY): both would be
 *      that child, known from step 2 by number.  So what is locked next, source
 *      and replaced, never is a parent that is locked already.
 *   5. Source and replaced lie in locked directories and neither is above the
 *      other.
 *
 * Two names of one file: nothing happens, as POSIX wants it.
 */
#include "vfs/dirops.h"

#include "abi/errno.h"
#include "vfs/dirops_impl.h"
#include "vfs/namecache.h"
#include "vfs/vfs_impl.h"
#include "vfs/vnode_lock.h"

// How the two parents lie to each other.
struct kinship {
	enum { SAME, OLD_ABOVE, NEW_ABOVE, APART } kind;
	uint64_t child; // of the upper parent, on the way to the lower one
};

// Whether `above` is above `below` in its mount; *child gets the number of the
// directory under `above` on that way.  The mount's rename lock is held.
static int
find_above(struct vnode *above, struct vnode *below, bool *found, uint64_t *child)
{
	struct vnode *at = below, *parent;
	int error = 0;

	*found = false;
	vnode_get(at);
	while (at != above && at != at->mount->root) {
		*child = at->number;
		error = walk_parent_in_mount(at, &parent);
		vnode_put(at);
		if (error != 0)
			return error;
		at = parent;
	}
	*found = at == above;
	vnode_put(at);
	return 0;
}

static int
find_kinship(struct vnode *old_dir, struct vnode *new_dir, struct kinship *k)
{
	bool found;

	k->child = 0;
	k->kind = OLD_ABOVE;
	int error = find_above(old_dir, new_dir, &found, &k->child);
	if (error != 0 || found)
		return error;
	k->kind = NEW_ABOVE;
	error = find_above(new_dir, old_dir, &found, &k->child);
	if (error == 0 && !found)
		k->kind = APART;
	return error;
}

static void
lock_parents(struct vnode *old_dir, struct vnode *new_dir, const struct kinship *k)
{
	struct vnode *upper = k->kind == NEW_ABOVE ? new_dir : old_dir;
	struct vnode *other = k->kind == NEW_ABOVE ? old_dir : new_dir;

	vnode_lock_pair(upper, other, k->kind == APART ? VORDER_APART : VORDER_BELOW, VOP_RENAME,
			VROLE_DIR);
}

// Check source and what it would replace (or NULL); both parents are locked.
static int
check_rename(const struct walk *from, const struct walk *to, const struct kinship *k,
	     struct vnode *source, struct vnode *replaced, unsigned flags)
{
	bool directory = source->type == VNODE_DIRECTORY;

	if (k->kind == OLD_ABOVE && source->number == k->child)
		return -EINVAL;
	if (!directory && (from->trailing || to->trailing))
		return -ENOTDIR;
	if (replaced != NULL) {
		if (flags & RENAME_NOREPLACE)
			return -EEXIST;
		if (k->kind == NEW_ABOVE && replaced->number == k->child)
			return -ENOTEMPTY;
	}
	if (source->mount->flags & MOUNT_READ_ONLY)
		return -EROFS;
	if (replaced != NULL) {
		if (directory && replaced->type != VNODE_DIRECTORY)
			return -ENOTDIR;
		if (!directory && replaced->type == VNODE_DIRECTORY)
			return -EISDIR;
	}
	return from->at->ops->rename == NULL ? -EPERM : 0;
}

// Everything is locked.
static int
do_rename(struct walk *from, struct walk *to, struct vnode *source, struct vnode *replaced)
{
	struct vnode *old_dir = from->at, *new_dir = to->at;

	if ((source->type == VNODE_DIRECTORY && dirops_is_mount_point(source)) ||
	    (replaced != NULL && replaced->type == VNODE_DIRECTORY &&
	     dirops_is_mount_point(replaced)))
		return -EBUSY;
	int error = old_dir->ops->rename(old_dir, from->rest, from->length, new_dir, to->rest,
					 to->length, source, replaced);
	dirops_changed(old_dir, from->rest, from->length, 0, error);
	dirops_changed(new_dir, to->rest, to->length, source->number, error);
	if (error == 0 && replaced != NULL) {
		replaced->removed = replaced->type == VNODE_DIRECTORY;
		if (replaced->links == 0)
			vnode_unlinked(replaced);
	}
	return error;
}

// Both parents are locked.  *source and *replaced get references, or NULL.
static int
rename_locked(struct walk *from, struct walk *to, const struct kinship *k, unsigned flags,
	      struct vnode **source, struct vnode **replaced)
{
	int error = walk_lookup_locked(from->at, from->rest, from->length, source);
	if (error != 0)
		return error;
	error = walk_lookup_locked(to->at, to->rest, to->length, replaced);
	if (error != 0 && (error != -ENOENT || to->at->removed))
		return error;
	error = check_rename(from, to, k, *source, *replaced, flags);
	if (error != 0 || *source == *replaced)
		return error;
	vnode_lock_pair(*source, *replaced, VORDER_APART, VOP_RENAME, VROLE_TARGET);
	error = do_rename(from, to, *source, *replaced);
	vnode_unlock_pair(*source, *replaced, VOP_RENAME, VROLE_TARGET);
	return error;
}

static int
rename_across(struct walk *from, struct walk *to, unsigned flags, struct vnode **source,
	      struct vnode **replaced)
{
	struct mount *m = from->at->mount;
	struct kinship k;

	vlock_rename(m);
	int error = find_kinship(from->at, to->at, &k);
	if (error == 0) {
		lock_parents(from->at, to->at, &k);
		error = rename_locked(from, to, &k, flags, source, replaced);
		vnode_unlock_pair(from->at, to->at, VOP_RENAME, VROLE_DIR);
	}
	vlock_rename_done(m);
	return error;
}

static int
rename_within(struct walk *from, struct walk *to, unsigned flags, struct vnode **source,
	      struct vnode **replaced)
{
	static const struct kinship same = { .kind = SAME };

	vnode_lock(from->at, VOP_RENAME, VROLE_DIR);
	int error = rename_locked(from, to, &same, flags, source, replaced);
	vnode_unlock(from->at, VOP_RENAME, VROLE_DIR);
	return error;
}

static int
rename_walked(struct walk *from, struct walk *to, unsigned flags)
{
	struct vnode *source = NULL, *replaced = NULL;
	int error;

	if (from->at->mount != to->at->mount)
		return -EXDEV;
	if (walk_last_special(from) || walk_last_special(to))
		return -EBUSY;
	if (from->at == to->at)
		error = rename_within(from, to, flags, &source, &replaced);
	else
		error = rename_across(from, to, flags, &source, &replaced);
	if (replaced != NULL)
		vnode_put(replaced);
	if (source != NULL)
		vnode_put(source);
	return error;
}

int
dirops_rename(const struct walk_context *old_ctx, const char *old_path,
	      const struct walk_context *new_ctx, const char *new_path, unsigned flags)
{
	struct walk from, to;

	if (flags & ~(unsigned)RENAME_NOREPLACE)
		return -EINVAL;
	int error = walk_begin(&from, old_ctx, old_path);
	if (error != 0)
		return error;
	error = walk_to_last(&from);
	if (error != 0)
		goto end_from;
	error = walk_begin(&to, new_ctx, new_path);
	if (error != 0)
		goto end_from;
	error = walk_to_last(&to);
	if (error == 0)
		error = rename_walked(&from, &to, flags);
	walk_end(&to);
end_from:
	walk_end(&from);
	return error;
}
