// SPDX-License-Identifier: MIT
/*
 * Which block of the disk holds which part of a file.
 *
 * A file's blocks hang from its inode: twelve directly, the others in three
 * trees of one, two and three levels of indirect blocks with 1024 pointers
 * each.  A pointer of 0 is a hole, at any level.
 *
 * A path says how to reach a block: which pointer of the inode, then which of
 * each indirect block.  Finding goes down the path.  Allocating finds how far
 * the path exists, takes all blocks that are missing, clears them and links
 * them to one another, and only then stores one pointer in what was there
 * before: so a disk that is full, or fails, leaves the file as it was, and
 * nobody ever sees what a block held for its last owner.  Cutting goes through
 * the trees from the cut on, children before parents.
 *
 * Damage ends each of them at the first pointer that can't be right: the
 * depth is bounded, and a tree that holds a block twice is found when it is
 * freed for the second time.
 */
#include "fs/ext2_impl.h"

#include "lib/math.h"

#define LEVELS_MAX        4 // the inode's pointers and three levels of indirect blocks
#define SECTORS_PER_BLOCK (EXT2_BLOCK_SIZE / EXT2_SECTOR)

struct path {
	unsigned depth;            // pointers on the way; the last names the data
	uint32_t slot[LEVELS_MAX]; // which of the inode, which of each block
};

static int
path_find(uint64_t index, struct path *path)
{
	uint64_t reach = 1;

	if (index < EXT2_NDIRECT) {
		path->depth = 1;
		path->slot[0] = (uint32_t)index;
		return 0;
	}
	index -= EXT2_NDIRECT;
	for (unsigned levels = 1; levels < LEVELS_MAX; levels++) {
		reach *= EXT2_PER_BLOCK;
		if (index >= reach) {
			index -= reach;
			continue;
		}
		path->depth = levels + 1;
		path->slot[0] = EXT2_IND + levels - 1;
		for (unsigned i = levels; i > 0; i--) {
			path->slot[i] = (uint32_t)(index % EXT2_PER_BLOCK);
			index /= EXT2_PER_BLOCK;
		}
		return 0;
	}
	return -EFBIG;
}

void
ext2_data_dirty(const struct ext2_node *node, uint64_t index, struct buf *b)
{
	if ((node->mode & EXT2_S_IFMT) == EXT2_S_IFREG) {
		b->file = node->number;
		b->file_offset = index * EXT2_BLOCK_SIZE;
	}
	buf_mark_dirty(b);
}

static int
check_pointer(const struct ext2_node *node, uint32_t block)
{
	if (block == 0 || ext2_block_valid(node->fs, block))
		return 0;
	return ext2_corrupt(node->fs, "inode %u: points at block %u", node->number, block);
}

// How far a path exists: *depth pointers of it are not 0, and *block is where
// the last of them leads.
static int
walk(const struct ext2_node *node, const struct path *path, unsigned *depth, uint32_t *block)
{
	uint32_t next = node->block[path->slot[0]];
	struct buf *b;
	int error;

	*depth = 0;
	*block = 0;
	for (;;) {
		error = check_pointer(node, next);
		if (error || next == 0)
			return error;
		*block = next;
		if (++*depth == path->depth)
			return 0;
		error = buf_get(node->fs->dev, next, BUF_READ, &b);
		if (error)
			return error;
		next = ((uint32_t *)b->data)[path->slot[*depth]];
		buf_put(b);
	}
}

int
ext2_map_find(const struct ext2_node *node, uint64_t index, uint32_t *block)
{
	struct path path;
	unsigned depth;
	int error = path_find(index, &path);

	if (!error)
		error = walk(node, &path, &depth, block);
	if (!error && depth < path.depth)
		*block = 0;
	return error;
}

// A file grows where it grew last, else in its inode's group.
static uint32_t
goal_of(const struct ext2_node *node)
{
	if (node->next_block)
		return node->next_block;
	return ext2_group_start(node->fs, (node->number - 1) / node->fs->group_inodes);
}

// Clear a new block of data, the index-th of the file.
static int
clear_data(const struct ext2_node *node, uint32_t block, uint64_t index)
{
	struct buf *b;
	int error = buf_get(node->fs->dev, block, BUF_ZERO, &b);

	if (error)
		return error;
	ext2_data_dirty(node, index, b);
	buf_put(b);
	return 0;
}

// Make a new indirect block whose one pointer leads to child.
static int
fill_indirect(const struct ext2_node *node, uint32_t block, uint32_t slot, uint32_t child)
{
	struct buf *b;
	int error = buf_get(node->fs->dev, block, BUF_ZERO, &b);

	if (error)
		return error;
	((uint32_t *)b->data)[slot] = child;
	buf_mark_dirty(b);
	buf_put(b);
	return 0;
}

// Store the pointer that makes new blocks part of the file.
static int
attach(struct ext2_node *node, const struct path *path, unsigned depth, uint32_t parent,
       uint32_t block)
{
	struct buf *b;
	int error;

	if (depth == 0) {
		node->block[path->slot[0]] = block;
		return 0;
	}
	error = buf_get(node->fs->dev, parent, BUF_READ, &b);
	if (error)
		return error;
	((uint32_t *)b->data)[path->slot[depth]] = block;
	buf_mark_dirty(b);
	buf_put(b);
	return 0;
}

// Add the missing end of the index-th block's path, whose first depth pointers
// exist and lead to parent.
static int
extend(struct ext2_node *node, uint64_t index, const struct path *path, unsigned depth,
       uint32_t parent, uint32_t *block)
{
	uint32_t new[LEVELS_MAX];
	unsigned missing = path->depth - depth, have = 0;
	uint32_t goal = goal_of(node);
	int error;

	if (node->sectors > UINT32_MAX - missing * SECTORS_PER_BLOCK)
		return -EFBIG;
	for (; have < missing; have++) {
		error = ext2_block_alloc(node->fs, goal, &new[have]);
		if (error)
			goto free_new;
		goal = new[have] + 1;
	}
	error = clear_data(node, new[missing - 1], index);
	for (unsigned i = missing - 1; i > 0 && !error; i--)
		error = fill_indirect(node, new[i - 1], path->slot[depth + i], new[i]);
	if (error)
		goto free_new;
	error = attach(node, path, depth, parent, new[0]);
	if (error)
		goto free_new;
	node->sectors += missing * SECTORS_PER_BLOCK;
	node->next_block = goal;
	*block = new[missing - 1];
	return 0;

free_new:
	while (have > 0)
		ext2_block_free(node->fs, new[--have]);
	return error;
}

int
ext2_map_alloc(struct ext2_node *node, uint64_t index, uint32_t *block)
{
	struct path path;
	unsigned depth;
	int error = path_find(index, &path);

	if (error)
		return error;
	error = walk(node, &path, &depth, block);
	if (error)
		return error;
	if (depth < path.depth)
		return extend(node, index, &path, depth, *block, block);
	node->next_block = *block + 1;
	return 0;
}

static int cut_children(struct ext2_node *node, uint32_t block, unsigned levels, uint64_t first);

// Free what a tree with so many levels of indirect blocks holds from its
// first-th data block on; with first 0 the tree's top as well.
static int
cut_tree(struct ext2_node *node, uint32_t *pointer, unsigned levels, uint64_t first)
{
	int error = check_pointer(node, *pointer);

	if (error || *pointer == 0)
		return error;
	if (levels > 0)
		error = cut_children(node, *pointer, levels, first);
	if (error || first > 0)
		return error;
	error = ext2_block_free(node->fs, *pointer);
	if (error)
		return error;
	*pointer = 0;
	node->sectors -= MIN(node->sectors, SECTORS_PER_BLOCK);
	return 0;
}

static int
cut_children(struct ext2_node *node, uint32_t block, unsigned levels, uint64_t first)
{
	uint64_t reach = 1;
	struct buf *b;
	int error = buf_get(node->fs->dev, block, BUF_READ, &b);

	if (error)
		return error;
	for (unsigned i = 1; i < levels; i++)
		reach *= EXT2_PER_BLOCK;
	for (uint64_t i = first / reach; i < EXT2_PER_BLOCK && !error; i++) {
		uint32_t *pointer = &((uint32_t *)b->data)[i];
		uint64_t start = i * reach;

		if (*pointer == 0)
			continue;
		error = cut_tree(node, pointer, levels - 1, first > start ? first - start : 0);
		if (*pointer == 0)
			buf_mark_dirty(b);
	}
	buf_put(b);
	return error;
}

int
ext2_map_cut(struct ext2_node *node, uint64_t index)
{
	uint64_t start = EXT2_NDIRECT, reach = 1;
	int error = 0;

	node->next_block = 0;
	for (uint64_t i = index; i < EXT2_NDIRECT && !error; i++)
		error = cut_tree(node, &node->block[i], 0, 0);
	for (unsigned levels = 1; levels < LEVELS_MAX && !error; levels++) {
		uint32_t *pointer = &node->block[EXT2_IND + levels - 1];

		reach *= EXT2_PER_BLOCK;
		if (index < start + reach)
			error = cut_tree(node, pointer, levels, index > start ? index - start : 0);
		start += reach;
	}
	return error;
}
