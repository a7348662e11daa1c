// SPDX-License-Identifier: MIT
/*
 * Records in a directory's blocks.
 *
 * A block is a chain of records from its start to its end.  Each is checked
 * before it is used or stepped over: a chain that is broken ends the operation,
 * since nothing after the break can be told from garbage.
 *
 *   1. A record never moves while it has a name in it, so a position that
 *      readdir gave out stays good.  A new name goes into the unused end of a
 *      record, or into one without a name, or into a new block.
 *   2. A removed record becomes the unused end of the one before it; the first
 *      of a block has none, and keeps its place without a name.
 *   3. A hash index (dir_index), which we don't keep, lies in such unused
 *      places.  Whoever changes names clears the flag that says that there is
 *      one; the blocks are then an ordinary directory.
 *
 * Search is linear: 4 KiB hold about a hundred names.
 */
#include "fs/ext2_impl.h"

#include "lib/math.h"
#include "lib/string.h"

static struct ext2_dirent *
record_at(struct buf *b, uint32_t offset)
{
	return (struct ext2_dirent *)(b->data + offset);
}

// What is wrong with the record at offset, or NULL.
static const char *
record_fault(const struct ext2_fs *fs, struct buf *b, uint32_t offset)
{
	const struct ext2_dirent *r = record_at(b, offset);

	if (offset > EXT2_BLOCK_SIZE - EXT2_DIRENT_HEAD)
		return "has no room before its block's end";
	if (r->rec_len < EXT2_DIRENT_HEAD || r->rec_len % EXT2_DIRENT_ALIGN)
		return "has a length that can't be";
	if (r->rec_len > EXT2_BLOCK_SIZE - offset)
		return "reaches beyond its block";
	if (r->inode == 0)
		return NULL;
	if (r->name_len == 0 || ext2_dirent_size(r->name_len) > r->rec_len)
		return "has a name that doesn't fit into it";
	if (!ext2_number_valid(fs, r->inode))
		return "names an inode that can't be";
	return NULL;
}

static int
check_record(struct ext2_node *dir, struct buf *b, uint32_t offset)
{
	const char *fault = record_fault(dir->fs, b, offset);

	if (!fault)
		return 0;
	return ext2_corrupt(dir->fs, "directory %u: record at byte %u of block %llu %s",
			    dir->number, offset, (unsigned long long)b->block, fault);
}

static int
dir_block(struct ext2_node *dir, uint64_t index, struct buf **b)
{
	uint32_t block;
	int error = ext2_map_find(dir, index, &block);

	if (error)
		return error;
	if (block == 0)
		return ext2_corrupt(dir->fs, "directory %u has a hole", dir->number);
	return buf_get(dir->fs->dev, block, BUF_READ, b);
}

// Find a name in one block.  0 and *offset, -ENOENT, or -EUCLEAN.
static int
find_in_block(struct ext2_node *dir, struct buf *b, const char *name, size_t length,
	      uint32_t *offset)
{
	for (uint32_t at = 0; at < EXT2_BLOCK_SIZE; at += record_at(b, at)->rec_len) {
		const struct ext2_dirent *r = record_at(b, at);
		int error = check_record(dir, b, at);

		if (error)
			return error;
		if (r->inode && r->name_len == length && memcmp(r->name, name, length) == 0) {
			*offset = at;
			return 0;
		}
	}
	return -ENOENT;
}

int
ext2_dir_find(struct ext2_node *dir, const char *name, size_t length, struct ext2_slot *slot)
{
	for (uint64_t i = 0; i < dir->size / EXT2_BLOCK_SIZE; i++) {
		int error = dir_block(dir, i, &slot->buf);

		if (error)
			return error;
		error = find_in_block(dir, slot->buf, name, length, &slot->offset);
		if (error == 0)
			return 0;
		buf_put(slot->buf);
		if (error != -ENOENT)
			return error;
	}
	return -ENOENT;
}

void
ext2_slot_put(struct ext2_slot *slot)
{
	buf_put(slot->buf);
}

static uint8_t
file_type(const struct ext2_node *node)
{
	if (!node->fs->has_file_type)
		return 0;
	switch (node->mode & EXT2_S_IFMT) {
	case EXT2_S_IFREG:
		return EXT2_FT_REG;
	case EXT2_S_IFDIR:
		return EXT2_FT_DIR;
	case EXT2_S_IFCHR:
		return EXT2_FT_CHR;
	case EXT2_S_IFBLK:
		return EXT2_FT_BLK;
	case EXT2_S_IFIFO:
		return EXT2_FT_FIFO;
	case EXT2_S_IFSOCK:
		return EXT2_FT_SOCK;
	case EXT2_S_IFLNK:
		return EXT2_FT_LNK;
	default:
		return EXT2_FT_UNKNOWN;
	}
}

// The directory's names change: so does its time, and an index is no more.
static void
names_changed(struct ext2_node *dir, struct buf *b)
{
	buf_mark_dirty(b);
	dir->flags &= ~(uint32_t)EXT2_FL_INDEX;
	dir->modified = dir->changed = ext2_now(dir);
}

void
ext2_slot_set(struct ext2_slot *slot, const struct ext2_node *node)
{
	struct ext2_dirent *r = ext2_slot_record(slot);

	r->inode = node->number;
	r->file_type = file_type(node);
	buf_mark_dirty(slot->buf);
}

void
ext2_slot_clear(struct ext2_node *dir, struct ext2_slot *slot)
{
	struct ext2_dirent *r = ext2_slot_record(slot);
	struct ext2_dirent *before = NULL;

	// All up to here was checked when the slot was found.
	for (uint32_t at = 0; at < slot->offset; at += before->rec_len)
		before = record_at(slot->buf, at);
	if (before)
		before->rec_len = (uint16_t)(before->rec_len + r->rec_len);
	r->inode = 0;
	names_changed(dir, slot->buf);
}

static void
fill_record(struct ext2_dirent *r, const char *name, size_t length, const struct ext2_node *node)
{
	r->inode = node->number;
	r->name_len = (uint8_t)length;
	r->file_type = file_type(node);
	memcpy(r->name, name, length);
}

// Bytes of a record that its own name doesn't need.
static uint32_t
room_in(const struct ext2_dirent *r)
{
	return r->rec_len - (r->inode ? ext2_dirent_size(r->name_len) : 0);
}

// Put the record into this block if there is room; -ENOSPC if not.
static int
add_to_block(struct ext2_node *dir, struct buf *b, const char *name, size_t length,
	     const struct ext2_node *node)
{
	uint32_t size = ext2_dirent_size((uint32_t)length);

	for (uint32_t at = 0; at < EXT2_BLOCK_SIZE; at += record_at(b, at)->rec_len) {
		struct ext2_dirent *r = record_at(b, at);
		int error = check_record(dir, b, at);

		if (error)
			return error;
		if (room_in(r) < size)
			continue;
		if (r->inode) {
			uint32_t kept = ext2_dirent_size(r->name_len);
			struct ext2_dirent *new = record_at(b, at + kept);

			new->rec_len = (uint16_t)(r->rec_len - kept);
			r->rec_len = (uint16_t)kept;
			r = new;
		}
		fill_record(r, name, length, node);
		names_changed(dir, b);
		return 0;
	}
	return -ENOSPC;
}

static int
add_block(struct ext2_node *dir, const char *name, size_t length, const struct ext2_node *node)
{
	struct ext2_dirent *r;
	struct buf *b;
	uint32_t block;
	int error;

	if (dir->size + EXT2_BLOCK_SIZE > UINT32_MAX)
		return -EFBIG;
	error = ext2_map_alloc(dir, dir->size / EXT2_BLOCK_SIZE, &block);
	if (error)
		return error;
	error = buf_get(dir->fs->dev, block, BUF_READ, &b);
	if (error) {
		ext2_map_cut(dir, dir->size / EXT2_BLOCK_SIZE);
		return error;
	}
	r = record_at(b, 0);
	r->rec_len = EXT2_BLOCK_SIZE;
	fill_record(r, name, length, node);
	names_changed(dir, b);
	buf_put(b);
	dir->size += EXT2_BLOCK_SIZE;
	return 0;
}

int
ext2_dir_add(struct ext2_node *dir, const char *name, size_t length, const struct ext2_node *node)
{
	for (uint64_t i = 0; i < dir->size / EXT2_BLOCK_SIZE; i++) {
		struct buf *b;
		int error = dir_block(dir, i, &b);

		if (error)
			return error;
		error = add_to_block(dir, b, name, length, node);
		buf_put(b);
		if (error != -ENOSPC)
			return error;
	}
	return add_block(dir, name, length, node);
}

int
ext2_dir_init(struct ext2_node *node, const struct ext2_node *parent)
{
	struct ext2_dirent *r;
	struct buf *b;
	uint32_t block;
	int error = ext2_map_alloc(node, 0, &block);

	if (error)
		return error;
	error = buf_get(node->fs->dev, block, BUF_READ, &b);
	if (error)
		return error;
	r = record_at(b, 0);
	r->rec_len = (uint16_t)ext2_dirent_size(1);
	fill_record(r, ".", 1, node);
	r = record_at(b, r->rec_len);
	r->rec_len = (uint16_t)(EXT2_BLOCK_SIZE - ext2_dirent_size(1));
	fill_record(r, "..", 2, parent);
	buf_mark_dirty(b);
	buf_put(b);
	node->size = EXT2_BLOCK_SIZE;
	return 0;
}

static bool
is_dot(const struct ext2_dirent *r)
{
	return r->name[0] == '.' && (r->name_len == 1 || (r->name_len == 2 && r->name[1] == '.'));
}

static int
block_empty(struct ext2_node *dir, struct buf *b)
{
	for (uint32_t at = 0; at < EXT2_BLOCK_SIZE; at += record_at(b, at)->rec_len) {
		int error = check_record(dir, b, at);

		if (error)
			return error;
		if (record_at(b, at)->inode && !is_dot(record_at(b, at)))
			return -ENOTEMPTY;
	}
	return 0;
}

int
ext2_dir_empty(struct ext2_node *dir)
{
	for (uint64_t i = 0; i < dir->size / EXT2_BLOCK_SIZE; i++) {
		struct buf *b;
		int error = dir_block(dir, i, &b);

		if (error)
			return error;
		error = block_empty(dir, b);
		buf_put(b);
		if (error)
			return error;
	}
	return 0;
}

static enum vnode_type
record_type(const struct ext2_fs *fs, const struct ext2_dirent *r)
{
	static const enum vnode_type types[] = {
		[EXT2_FT_REG] = VNODE_REGULAR, [EXT2_FT_DIR] = VNODE_DIRECTORY,
		[EXT2_FT_CHR] = VNODE_CHARDEV, [EXT2_FT_BLK] = VNODE_BLOCKDEV,
		[EXT2_FT_FIFO] = VNODE_FIFO,   [EXT2_FT_LNK] = VNODE_SYMLINK,
	};

	if (!fs->has_file_type || r->file_type >= ARRAY_SIZE(types))
		return VNODE_NONE;
	return types[r->file_type];
}

// Hand out the records of a block from *cookie on.  False in *more: the reader
// wants no more.
static int
read_block(struct ext2_node *dir, struct buf *b, uint64_t start, uint64_t *cookie,
	   readdir_emit_fn emit, void *arg, bool *more)
{
	// From the block's first record: *cookie may be where one was.
	for (uint32_t at = 0; at < EXT2_BLOCK_SIZE; at += record_at(b, at)->rec_len) {
		const struct ext2_dirent *r = record_at(b, at);
		int error = check_record(dir, b, at);

		if (error)
			return error;
		if (r->inode && start + at >= *cookie) {
			if (memchr(r->name, '/', r->name_len) || memchr(r->name, 0, r->name_len))
				return ext2_corrupt(dir->fs, "directory %u: a name with / or NUL",
						    dir->number);
			*more = emit(arg, r->name, r->name_len, r->inode, record_type(dir->fs, r),
				     start + at + r->rec_len);
			if (!*more)
				return 0;
			*cookie = start + at + r->rec_len;
		}
	}
	*cookie = start + EXT2_BLOCK_SIZE;
	return 0;
}

int
ext2_dir_read(struct ext2_node *dir, uint64_t *cookie, readdir_emit_fn emit, void *arg)
{
	bool more = true;

	while (more && *cookie < dir->size) {
		uint64_t index = *cookie / EXT2_BLOCK_SIZE;
		struct buf *b;
		int error = dir_block(dir, index, &b);

		if (error)
			return error;
		error = read_block(dir, b, index * EXT2_BLOCK_SIZE, cookie, emit, arg, &more);
		buf_put(b);
		if (error)
			return error;
	}
	return 0;
}
