// SPDX-License-Identifier: MIT
/*
 * Operations on names: lookup, create, link, unlink, rename.
 *
 * Each has two halves.  The first finds, checks and allocates, and may fail:
 * then what it took is given back and nothing has changed.  The second changes
 * memory only (records in buffers that are held, link counts, times) and can't
 * fail.  At its end the inodes are stored: where the disk fails in that, the
 * caller is told, but the operation has happened.
 *
 * The order in which the disk may see a change is the cache's business, but a
 * new name is always made before an old one is taken away, and an inode is
 * complete before a name leads to it.
 */
#include "fs/ext2_impl.h"

#include "lib/string.h"

int
ext2_lookup(struct vnode *dir, const char *name, size_t length, uint64_t *number)
{
	struct ext2_node *node = ext2_node(dir);
	struct ext2_slot slot;
	int error = ext2_dir_find(node, name, length, &slot);

	if (error)
		return error;
	*number = ext2_slot_record(&slot)->inode;
	ext2_slot_put(&slot);
	// A directory inside itself would be locked twice by whoever enters it.
	if (*number == node->number && node->number != EXT2_INO_ROOT &&
	    !(length == 1 && name[0] == '.'))
		return ext2_corrupt(node->fs, "directory %u contains itself", node->number);
	return 0;
}

// The text of a symbolic link: in the inode if it is short, else in a block.
static int
write_target(struct ext2_node *node, const char *target)
{
	size_t length = strlen(target);
	struct buf *b;
	uint32_t block;
	int error;

	if (length == 0)
		return -ENOENT;
	if (length >= EXT2_BLOCK_SIZE)
		return -ENAMETOOLONG;
	node->size = length;
	if (length <= EXT2_SYMLINK_FAST_MAX) {
		memcpy(node->block, target, length);
		return 0;
	}
	error = ext2_map_alloc(node, 0, &block);
	if (error)
		return error;
	error = buf_get(node->fs->dev, block, BUF_READ, &b);
	if (error)
		return error;
	memcpy(b->data, target, length);
	buf_mark_dirty(b);
	buf_put(b);
	return 0;
}

// A new inode, complete but for its name.
static int
make_node(struct ext2_node *dir, const struct vnode_new *what, struct ext2_node *node)
{
	int error = ext2_node_create(dir, what, node);

	if (error)
		return error;
	if (what->type == VNODE_DIRECTORY)
		error = ext2_dir_init(node, dir);
	else if (what->type == VNODE_SYMLINK)
		error = write_target(node, what->target);
	if (error)
		goto release;
	node->links = what->type == VNODE_DIRECTORY ? 2 : 1;
	error = ext2_node_store(node);
	if (error)
		goto release;
	return 0;

release:
	ext2_node_release(node);
	return error;
}

int
ext2_create(struct vnode *dir, const char *name, size_t length, const struct vnode_new *what,
	    uint64_t *number)
{
	struct ext2_node *parent = ext2_node(dir);
	bool directory = what->type == VNODE_DIRECTORY;
	struct ext2_node node;
	int error;

	if (length > EXT2_NAME_MAX)
		return -ENAMETOOLONG;
	if (parent->links == 0)
		return -ENOENT;
	if (directory && parent->links >= EXT2_LINK_MAX)
		return -EMLINK;
	error = ext2_begin(parent->fs);
	if (error)
		return error;
	error = make_node(parent, what, &node);
	if (error)
		goto end;
	error = ext2_dir_add(parent, name, length, &node);
	if (error) {
		ext2_node_release(&node);
		goto end;
	}
	parent->links += directory;
	*number = node.number;
	error = ext2_vnode_changed(dir);
end:
	ext2_end(parent->fs);
	return error;
}

// Store two inodes, both whatever becomes of the other.
static int
both_changed(struct vnode *a, struct vnode *b)
{
	int first = ext2_vnode_changed(a), second = ext2_vnode_changed(b);

	return first ? first : second;
}

int
ext2_link(struct vnode *dir, const char *name, size_t length, struct vnode *target)
{
	struct ext2_node *parent = ext2_node(dir), *node = ext2_node(target);
	int error;

	if (length > EXT2_NAME_MAX)
		return -ENAMETOOLONG;
	if (parent->links == 0 || node->links == 0)
		return -ENOENT;
	if (node->links >= EXT2_LINK_MAX)
		return -EMLINK;
	error = ext2_begin(parent->fs);
	if (error)
		return error;
	error = ext2_dir_add(parent, name, length, node);
	if (!error) {
		node->links++;
		node->changed = ext2_now(node);
		error = both_changed(target, dir);
	}
	ext2_end(parent->fs);
	return error;
}

// Find the record of a name that is known to mean node.
static int
find_known(struct ext2_node *dir, const char *name, size_t length, const struct ext2_node *node,
	   struct ext2_slot *slot)
{
	int error = ext2_dir_find(dir, name, length, slot);

	if (!error && ext2_slot_record(slot)->inode != node->number) {
		ext2_slot_put(slot);
		return -ENOENT;
	}
	return error;
}

// The record ".." of a directory, which must lead to parent.
static int
find_dotdot(struct ext2_node *node, const struct ext2_node *parent, struct ext2_slot *slot)
{
	int error = find_known(node, "..", 2, parent, slot);

	if (error == -ENOENT)
		error = ext2_corrupt(node->fs, "directory %u: \"..\" doesn't lead to %u",
				     node->number, parent->number);
	return error;
}

// May a directory be taken out of parent?
static int
check_removable(struct ext2_node *node, const struct ext2_node *parent)
{
	struct ext2_slot dotdot;
	int error = find_dotdot(node, parent, &dotdot);

	if (error)
		return error;
	ext2_slot_put(&dotdot);
	return ext2_dir_empty(node);
}

// One name less leads to v, which was in dir; a directory loses its last.
static void
drop_link(struct vnode *v, struct vnode *dir)
{
	struct ext2_node *node = ext2_node(v), *parent = ext2_node(dir);

	if (v->type == VNODE_DIRECTORY) {
		node->links = 0;
		v->removed = true;
		if (parent->links > 2)
			parent->links--;
	} else if (node->links > 0) {
		node->links--;
	}
	node->changed = ext2_now(node);
}

int
ext2_unlink(struct vnode *dir, const char *name, size_t length, struct vnode *target)
{
	struct ext2_node *parent = ext2_node(dir), *node = ext2_node(target);
	struct ext2_slot slot;
	int error = ext2_begin(parent->fs);

	if (error)
		return error;
	error = find_known(parent, name, length, node, &slot);
	if (error)
		goto end;
	if (target->type == VNODE_DIRECTORY)
		error = check_removable(node, parent);
	if (!error) {
		ext2_slot_clear(parent, &slot);
		drop_link(target, dir);
		error = both_changed(target, dir);
	}
	ext2_slot_put(&slot);
end:
	ext2_end(parent->fs);
	return error;
}

// A rename, and what its first half found.
struct renaming {
	struct vnode *old_dir, *new_dir, *source, *replaced;
	bool moves_dir;          // a directory, to another parent
	struct ext2_slot old;    // the old name's record
	struct ext2_slot new;    // the new name's, if replaced
	struct ext2_slot dotdot; // the source's, if moves_dir
};

// Find the records that will change, and make sure that they may.
static int
rename_prepare(struct renaming *r, const char *old_name, size_t old_length, const char *new_name,
	       size_t new_length)
{
	struct ext2_node *source = ext2_node(r->source), *to = ext2_node(r->new_dir);
	int error = find_known(ext2_node(r->old_dir), old_name, old_length, source, &r->old);

	if (error)
		return error;
	if (r->moves_dir) {
		error = find_dotdot(source, ext2_node(r->old_dir), &r->dotdot);
		if (error)
			goto put_old;
	}
	if (r->replaced) {
		error = find_known(to, new_name, new_length, ext2_node(r->replaced), &r->new);
		if (error)
			goto put_dotdot;
		if (r->replaced->type == VNODE_DIRECTORY)
			error = check_removable(ext2_node(r->replaced), to);
		if (error)
			goto put_new;
		return 0;
	}
	error = -EMLINK;
	if (r->moves_dir && to->links >= EXT2_LINK_MAX)
		goto put_dotdot;
	error = ext2_dir_add(to, new_name, new_length, source);
	if (error)
		goto put_dotdot;
	return 0;

put_new:
	ext2_slot_put(&r->new);
put_dotdot:
	if (r->moves_dir)
		ext2_slot_put(&r->dotdot);
put_old:
	ext2_slot_put(&r->old);
	return error;
}

// The second half: the new name exists already, or replaces.
static int
rename_commit(struct renaming *r)
{
	int error, result = 0;
	struct ext2_node *source = ext2_node(r->source);
	struct ext2_node *from = ext2_node(r->old_dir), *to = ext2_node(r->new_dir);

	if (r->replaced) {
		ext2_slot_set(&r->new, source);
		ext2_slot_put(&r->new);
		to->modified = to->changed = ext2_now(to);
		drop_link(r->replaced, r->new_dir);
	}
	ext2_slot_clear(from, &r->old);
	ext2_slot_put(&r->old);
	if (r->moves_dir) {
		ext2_slot_set(&r->dotdot, to);
		ext2_slot_put(&r->dotdot);
		to->links++;
		if (from->links > 2)
			from->links--;
	}
	source->changed = ext2_now(source);
	error = both_changed(r->source, r->new_dir);
	if (r->old_dir != r->new_dir)
		result = ext2_vnode_changed(r->old_dir);
	error = error ? error : result;
	if (r->replaced)
		result = ext2_vnode_changed(r->replaced);
	return error ? error : result;
}

int
ext2_rename(struct vnode *old_dir, const char *old_name, size_t old_length, struct vnode *new_dir,
	    const char *new_name, size_t new_length, struct vnode *source, struct vnode *replaced)
{
	struct renaming r = {
		.old_dir = old_dir,
		.new_dir = new_dir,
		.source = source,
		.replaced = replaced,
		.moves_dir = source->type == VNODE_DIRECTORY && old_dir != new_dir,
	};
	struct ext2_fs *fs = ext2_node(old_dir)->fs;
	int error;

	if (new_length > EXT2_NAME_MAX)
		return -ENAMETOOLONG;
	if (source == replaced)
		return 0;
	if (ext2_node(new_dir)->links == 0)
		return -ENOENT;
	error = ext2_begin(fs);
	if (error)
		return error;
	error = rename_prepare(&r, old_name, old_length, new_name, new_length);
	if (!error)
		error = rename_commit(&r);
	ext2_end(fs);
	return error;
}
