// SPDX-License-Identifier: MIT
/*
 * The contents of regular files.
 *
 *   1. A file's bytes past its end, up to the end of their block, are zero
 *      before the file grows over them: cutting a file clears them, and so
 *      does growing, since a mapping may have written there.
 *   2. A block that a write adds is cleared before it is the file's, and stays
 *      only if the file's end comes to lie behind its start: so bytes of
 *      removed files are never seen, whatever becomes of the copy from the
 *      user.
 *   3. The vnode's lock is held over the copies to and from the user, no other
 *      lock of ours is.
 *
 * A hole that is mapped gives a page of zeros of its own, which a later write
 * to the file does not reach.
 */
#include "fs/ext2_impl.h"

#include "abi/fcntl.h"
#include "lib/math.h"
#include "lib/string.h"
#include "mm/page.h"

// The largest size that this file system may give to a file.
static uint64_t
size_limit(const struct ext2_node *node)
{
	return node->fs->large_files ? EXT2_SIZE_MAX : INT32_MAX;
}

// The buffer with a file's block; NULL for a hole.
static int
data_get(struct ext2_node *node, uint64_t index, struct buf **b)
{
	uint32_t block;
	int error = ext2_map_find(node, index, &block);

	*b = NULL;
	if (error || block == 0)
		return error;
	return buf_get(node->fs->dev, block, BUF_READ, b);
}

int
ext2_read(struct vnode *v, struct uio *uio, int flags)
{
	struct ext2_node *node = ext2_node(v);
	bool moved = false;

	while (uio->left > 0 && uio->offset < node->size) {
		uint64_t within = uio->offset % EXT2_BLOCK_SIZE;
		uint64_t n = MIN(EXT2_BLOCK_SIZE - within, node->size - uio->offset);
		struct buf *b;
		int error = data_get(node, uio->offset / EXT2_BLOCK_SIZE, &b);

		if (error)
			return error;
		if (b) {
			error = uio_copy(uio, b->data + within, n);
			buf_put(b);
		} else {
			error = uio_zero(uio, n);
		}
		if (error)
			return error;
		moved = true;
	}
	if (moved && !(flags & O_NOATIME))
		ext2_node_accessed(node);
	return 0;
}

// Clear a file's bytes from size to the end of their block.
static int
clear_tail(struct ext2_node *node, uint64_t size)
{
	uint64_t within = size % EXT2_BLOCK_SIZE;
	struct buf *b;
	int error;

	if (within == 0)
		return 0;
	error = data_get(node, size / EXT2_BLOCK_SIZE, &b);
	if (error || !b)
		return error;
	memset(b->data + within, 0, EXT2_BLOCK_SIZE - within);
	ext2_data_dirty(node, size / EXT2_BLOCK_SIZE, b);
	buf_put(b);
	return 0;
}

// Copy what belongs into one block.
static int
write_block(struct ext2_node *node, struct uio *uio, uint64_t n)
{
	uint64_t index = uio->offset / EXT2_BLOCK_SIZE;
	uint64_t within = uio->offset % EXT2_BLOCK_SIZE;
	struct buf *b;
	uint32_t block;
	int error = ext2_map_alloc(node, index, &block);

	if (error)
		return error;
	error = buf_get(node->fs->dev, block, BUF_READ, &b);
	if (error)
		return error;
	error = uio_copy(uio, b->data + within, n);
	ext2_data_dirty(node, index, b);
	buf_put(b);
	return error;
}

static int
write_all(struct ext2_node *node, struct uio *uio)
{
	int error = 0;

	while (uio->left > 0 && !error) {
		uint64_t start = uio->offset;
		uint64_t room =
			MIN(EXT2_BLOCK_SIZE - start % EXT2_BLOCK_SIZE, size_limit(node) - start);

		error = room ? write_block(node, uio, room) : -EFBIG;
		if (uio->offset > start)
			node->size = MAX(node->size, uio->offset);
	}
	return error;
}

int
ext2_write(struct vnode *v, struct uio *uio, int flags)
{
	struct ext2_node *node = ext2_node(v);
	uint64_t wanted = uio->left;
	int error, result;

	(void)flags;
	if (wanted == 0)
		return 0;
	if (uio->offset >= size_limit(node))
		return -EFBIG;
	error = ext2_begin(node->fs);
	if (error)
		return error;
	if (uio->offset > node->size)
		error = clear_tail(node, node->size);
	if (!error)
		error = write_all(node, uio);
	if (error) // a block may have been added for nothing
		ext2_map_cut(node, div_round_up(node->size, EXT2_BLOCK_SIZE));
	if (uio->left < wanted) {
		error = 0;
		node->modified = node->changed = ext2_now(node);
	}
	result = ext2_vnode_changed(v);
	error = error ? error : result;
	ext2_end(node->fs);
	return error;
}

int
ext2_truncate(struct vnode *v, uint64_t size)
{
	struct ext2_node *node = ext2_node(v);
	int error, result;

	if (size > size_limit(node))
		return -EFBIG;
	error = ext2_begin(node->fs);
	if (error)
		return error;
	error = clear_tail(node, MIN(size, node->size));
	if (!error && size < node->size)
		error = ext2_map_cut(node, div_round_up(size, EXT2_BLOCK_SIZE));
	if (!error) {
		node->size = size;
		node->modified = node->changed = ext2_now(node);
	}
	result = ext2_vnode_changed(v);
	ext2_end(node->fs);
	return error ? error : result;
}

int
ext2_getpage(struct vnode *v, uint64_t index, struct page **page)
{
	struct ext2_node *node = ext2_node(v);
	struct buf *b;
	int error;

	if (index >= div_round_up(node->size, EXT2_BLOCK_SIZE))
		return -ENXIO;
	error = data_get(node, index, &b);
	if (error)
		return error;
	if (!b) {
		*page = page_alloc(PAGE_ZERO);
		return *page ? 0 : -ENOMEM;
	}
	page_get(b->page);
	*page = b->page;
	buf_put(b);
	return 0;
}
