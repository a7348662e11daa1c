// SPDX-License-Identifier: MIT
/*
 * Vnodes of ext2: their attributes, their life, and the tables of operations
 * by which the VFS reaches the rest.
 *
 * A vnode's data is its struct ext2_node; the vnode's own size and links are
 * copies for the VFS, brought up to date by ext2_vnode_changed().  When the
 * last reference to a file without a name is put, its inode and blocks become
 * free.
 */
#include "fs/ext2_impl.h"

#include "fs/fs.h"
#include "lib/math.h"
#include "lib/string.h"
#include "mm/heap.h"

int
ext2_vnode_changed(struct vnode *v)
{
	struct ext2_node *node = ext2_node(v);
	int error = ext2_node_store(node);

	v->size = node->size;
	v->links = node->links;
	node->unsaved = error != 0;
	return error;
}

static int
ext2_getattr(struct vnode *v, struct stat *st)
{
	struct ext2_node *node = ext2_node(v);

	memset(st, 0, sizeof(*st));
	st->st_dev = v->mount->id;
	st->st_ino = node->number;
	st->st_mode = node->mode;
	st->st_nlink = node->links;
	st->st_uid = node->owner;
	st->st_gid = node->group;
	st->st_rdev = v->device;
	st->st_size = (off_t)node->size;
	st->st_blksize = EXT2_BLOCK_SIZE;
	st->st_blocks = node->sectors;
	st->st_atim = ext2_time_unpack(__atomic_load_n(&node->accessed, __ATOMIC_RELAXED));
	st->st_mtim = ext2_time_unpack(node->modified);
	st->st_ctim = ext2_time_unpack(node->changed);
	return 0;
}

static int
ext2_setattr(struct vnode *v, const struct vnode_setattr *change)
{
	struct ext2_node *node = ext2_node(v);
	int error = ext2_begin(node->fs);

	if (error)
		return error;
	if (change->set & SETATTR_MODE)
		node->mode = (uint16_t)((node->mode & EXT2_S_IFMT) | (change->mode & 07777));
	if (change->set & SETATTR_OWNER)
		node->owner = change->owner;
	if (change->set & SETATTR_GROUP)
		node->group = change->group;
	if (change->set & SETATTR_ATIME)
		__atomic_store_n(&node->accessed, ext2_time_pack(node, change->atime),
				 __ATOMIC_RELAXED);
	if (change->set & SETATTR_MTIME)
		node->modified = ext2_time_pack(node, change->mtime);
	node->changed = ext2_now(node);
	error = ext2_vnode_changed(v);
	ext2_end(node->fs);
	return error;
}

static int
ext2_readlink(struct vnode *v, char *to, size_t size, size_t *length)
{
	struct ext2_node *node = ext2_node(v);
	struct buf *b;
	uint32_t block;
	int error;

	*length = MIN(size, node->size);
	if (node->size <= EXT2_SYMLINK_FAST_MAX) {
		memcpy(to, node->block, *length);
	} else {
		error = ext2_map_find(node, 0, &block);
		if (!error && block == 0)
			error = ext2_corrupt(node->fs, "symbolic link %u has no text",
					     node->number);
		if (!error)
			error = buf_get(node->fs->dev, block, BUF_READ, &b);
		if (error)
			return error;
		memcpy(to, b->data, *length);
		buf_put(b);
	}
	ext2_node_accessed(node);
	return 0;
}

static int
ext2_readdir(struct vnode *dir, uint64_t *cookie, readdir_emit_fn emit, void *arg)
{
	int error = ext2_dir_read(ext2_node(dir), cookie, emit, arg);

	if (!error)
		ext2_node_accessed(ext2_node(dir));
	return error;
}

static void
ext2_inactive(struct vnode *v)
{
	struct ext2_node *node = ext2_node(v);
	int error;

	if (node->released || ext2_begin(node->fs))
		return;
	error = ext2_node_release(node);
	v->size = node->size;
	if (error)
		print_error("ext2: %s: inode %u could not be freed (error %d); run e2fsck",
			    node->fs->dev->name, node->number, -error);
	ext2_end(node->fs);
}

static void
ext2_forget(struct vnode *v)
{
	heap_free(v->data);
	v->data = NULL;
}

#define EVERY_VNODE                                                                \
	.getattr = ext2_getattr, .setattr = ext2_setattr, .sync = ext2_vnode_sync, \
	.inactive = ext2_inactive, .forget = ext2_forget

static const struct vnode_ops directory_ops = {
	EVERY_VNODE,           .lookup = ext2_lookup, .create = ext2_create,   .link = ext2_link,
	.unlink = ext2_unlink, .rename = ext2_rename, .readdir = ext2_readdir,
};

static const struct vnode_ops file_ops = {
	EVERY_VNODE,
	.read = ext2_read,
	.write = ext2_write,
	.truncate = ext2_truncate,
	.getpage = ext2_getpage,
};

static const struct vnode_ops symlink_ops = {
	EVERY_VNODE,
	.readlink = ext2_readlink,
};

static const struct vnode_ops special_ops = {
	EVERY_VNODE,
};

int
ext2_load(struct mount *m, struct vnode *v)
{
	struct ext2_node *node;
	int error;

	if (v->number > UINT32_MAX)
		return -ENOENT;
	node = heap_zalloc(sizeof(*node));
	if (!node)
		return -ENOMEM;
	error = ext2_node_load(m->data, (uint32_t)v->number, node);
	if (error)
		goto free_node;
	v->type = vnode_type_from_mode(node->mode);
	switch (v->type) {
	case VNODE_REGULAR:
		v->ops = &file_ops;
		break;
	case VNODE_DIRECTORY:
		v->ops = &directory_ops;
		break;
	case VNODE_SYMLINK:
		v->ops = &symlink_ops;
		break;
	case VNODE_CHARDEV:
	case VNODE_BLOCKDEV:
		v->device = ext2_node_device(node);
		v->ops = &special_ops;
		break;
	case VNODE_FIFO:
		v->ops = &special_ops;
		break;
	default: // a socket
		error = -ENXIO;
		goto free_node;
	}
	v->size = node->size;
	v->links = node->links;
	v->data = node;
	return 0;

free_node:
	heap_free(node);
	return error;
}

void
ext2_register(void)
{
	static struct fs_type type = {
		.name = "ext2",
		.mount = ext2_mount,
		.unmount = ext2_unmount,
		.load = ext2_load,
		.sync = ext2_sync,
		.statfs = ext2_statfs,
	};

	fs_type_register(&type);
}
