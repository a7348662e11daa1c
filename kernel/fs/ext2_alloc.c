// SPDX-License-Identifier: MIT
/*
 * Which blocks and inodes are free.
 *
 * Each group has a bitmap of its blocks and one of its inodes, and counts of
 * both in its descriptor.  The counts say where to look; the bitmaps decide.
 *
 *   1. A group's bitmaps and counts change only under its lock; the counts are
 *      read without it, as hints.
 *   2. A block is freed only if its bit says that it was in use, and its
 *      buffer is forgotten before the bit is cleared: whoever gets the block
 *      next never meets its old bytes.
 *   3. A bit that is clear for a block of the file system's own structures, or
 *      a count that promises what the bitmap doesn't have, is damage: it is
 *      said, put right in memory, and the search goes on.
 *
 * Where.  A file's blocks follow one another (the caller's goal).  A file's
 * inode lies in its directory's group, so that listing and reading a directory
 * stays in one place; directories themselves are spread, those in the root
 * most of all, so that there is room near them.  (The idea is Orlov's
 * allocator of the BSDs.)
 */
#include "fs/ext2_impl.h"

#include "lib/bitmap.h"

uint32_t
ext2_group_start(const struct ext2_fs *fs, uint32_t group)
{
	return group * fs->group_blocks;
}

uint32_t
ext2_group_length(const struct ext2_fs *fs, uint32_t group)
{
	if (group + 1 < fs->groups)
		return fs->group_blocks;
	return fs->blocks - ext2_group_start(fs, group);
}

uint32_t
ext2_head_length(const struct ext2_fs *fs, uint32_t group)
{
	if (group == 0 || fs->copies == EXT2_COPIES_ALL)
		return fs->head_blocks;
	if (fs->copies == EXT2_COPIES_SPARSE && ext2_sparse_group_has_super(group))
		return fs->head_blocks;
	return 0; // of sparse_super2's two copies the bitmap tells
}

bool
ext2_block_valid(const struct ext2_fs *fs, uint32_t block)
{
	uint32_t group = block / fs->group_blocks;
	const struct ext2_group *g;

	if (block >= fs->blocks)
		return false;
	g = &fs->group[group];
	if (block - ext2_group_start(fs, group) < ext2_head_length(fs, group))
		return false;
	return block != g->block_bitmap && block != g->inode_bitmap &&
	       (block < g->inode_table || block - g->inode_table >= fs->table_blocks);
}

static struct mutex *
group_lock(struct ext2_fs *fs, uint32_t group)
{
	return &fs->group_lock[group % EXT2_GROUP_LOCKS];
}

struct ext2_group
ext2_group_read(struct ext2_fs *fs, uint32_t group)
{
	struct ext2_group copy;

	mutex_lock(group_lock(fs, group));
	copy = fs->group[group];
	mutex_unlock(group_lock(fs, group));
	return copy;
}

static uint16_t
count_get(const uint16_t *count)
{
	return __atomic_load_n(count, __ATOMIC_RELAXED);
}

// Under the group's lock; the sum over all groups changes with it.
static void
count_add(uint16_t *count, uint32_t *sum, int n)
{
	__atomic_store_n(count, (uint16_t)(*count + n), __ATOMIC_RELAXED);
	__atomic_fetch_add(sum, (uint32_t)n, __ATOMIC_RELAXED);
}

// The first clear bit at or after from, or else before it; length if none.
static size_t
find_clear_around(const uint64_t *map, size_t length, size_t from)
{
	size_t bit = bitmap_find_clear(map, length, from);

	if (bit < length)
		return bit;
	bit = bitmap_find_clear(map, from, 0);
	return bit < from ? bit : length;
}

// Find a free block in the bitmap and mark it used; length if there is none.
static size_t
claim_block(struct ext2_fs *fs, uint32_t group, uint64_t *map, size_t from)
{
	uint32_t start = ext2_group_start(fs, group);
	uint32_t length = ext2_group_length(fs, group);

	for (;;) {
		size_t bit = find_clear_around(map, length, from);

		if (bit == length)
			return length;
		bitmap_set(map, bit);
		if (ext2_block_valid(fs, start + (uint32_t)bit))
			return bit;
		ext2_corrupt(fs, "group %u: block %u of the file system itself is marked free",
			     group, start + (uint32_t)bit);
	}
}

static int
block_alloc_in(struct ext2_fs *fs, uint32_t group, uint32_t from, uint32_t *block)
{
	struct ext2_group *g = &fs->group[group];
	struct buf *b;
	size_t bit;
	int error = -ENOSPC;

	mutex_lock(group_lock(fs, group));
	if (g->free_blocks_count == 0)
		goto unlock;
	error = buf_get(fs->dev, g->block_bitmap, BUF_READ, &b);
	if (error)
		goto unlock;
	bit = claim_block(fs, group, (uint64_t *)b->data, from);
	buf_mark_dirty(b);
	buf_put(b);
	if (bit < ext2_group_length(fs, group)) {
		count_add(&g->free_blocks_count, &fs->free_blocks, -1);
		*block = ext2_group_start(fs, group) + (uint32_t)bit;
	} else {
		error = -ENOSPC;
		ext2_corrupt(fs, "group %u: counts %u free blocks, its bitmap has none", group,
			     g->free_blocks_count);
		count_add(&g->free_blocks_count, &fs->free_blocks, -g->free_blocks_count);
	}
unlock:
	mutex_unlock(group_lock(fs, group));
	return error;
}

int
ext2_block_alloc(struct ext2_fs *fs, uint32_t goal, uint32_t *block)
{
	uint32_t group, from;
	int error = -ENOSPC;

	if (goal >= fs->blocks)
		goal = 0;
	group = goal / fs->group_blocks;
	from = goal % fs->group_blocks;
	for (uint32_t i = 0; i < fs->groups; i++) {
		if (count_get(&fs->group[group].free_blocks_count) > 0) {
			int result = block_alloc_in(fs, group, from, block);

			if (result == 0)
				return 0;
			if (result != -ENOSPC)
				error = result; // but another group may still do
		}
		group = (group + 1) % fs->groups;
		from = 0;
	}
	return error;
}

int
ext2_block_free(struct ext2_fs *fs, uint32_t block)
{
	uint32_t group = block / fs->group_blocks;
	uint32_t bit = block % fs->group_blocks;
	struct ext2_group *g = &fs->group[group];
	struct buf *b;
	int error;

	if (!ext2_block_valid(fs, block))
		return ext2_corrupt(fs, "block %u is not one that a file can own", block);
	mutex_lock(group_lock(fs, group));
	error = buf_get(fs->dev, g->block_bitmap, BUF_READ, &b);
	if (error)
		goto unlock;
	if (bitmap_test((uint64_t *)b->data, bit)) {
		buf_forget(fs->dev, block);
		bitmap_clear((uint64_t *)b->data, bit);
		buf_mark_dirty(b);
		if (g->free_blocks_count < ext2_group_length(fs, group))
			count_add(&g->free_blocks_count, &fs->free_blocks, 1);
	} else {
		error = ext2_corrupt(fs, "block %u is freed but was free already", block);
	}
	buf_put(b);
unlock:
	mutex_unlock(group_lock(fs, group));
	return error;
}

// Three quarters of what a group has free on average.
static uint32_t
fair_share(const uint32_t *sum, const struct ext2_fs *fs)
{
	uint32_t average = __atomic_load_n(sum, __ATOMIC_RELAXED) / fs->groups;

	return average - average / 4;
}

// The group for a new directory: of those that have a fair share of free inodes
// and blocks, the one with the fewest directories.
static uint32_t
emptiest_group(const struct ext2_fs *fs)
{
	uint32_t inodes = fair_share(&fs->free_inodes, fs);
	uint32_t blocks = fair_share(&fs->free_blocks, fs);
	uint32_t best = 0, fewest = UINT32_MAX;

	for (uint32_t i = 0; i < fs->groups; i++) {
		const struct ext2_group *g = &fs->group[i];

		if (count_get(&g->free_inodes_count) > 0 &&
		    count_get(&g->free_inodes_count) >= inodes &&
		    count_get(&g->free_blocks_count) >= blocks &&
		    count_get(&g->used_dirs_count) < fewest) {
			best = i;
			fewest = count_get(&g->used_dirs_count);
		}
	}
	return best;
}

// Where to look first for an inode for a new file in dir.
static uint32_t
choose_group(const struct ext2_fs *fs, const struct ext2_node *dir, bool directory)
{
	uint32_t home = (dir->number - 1) / fs->group_inodes;
	const struct ext2_group *g = &fs->group[home];

	if (!directory)
		return home;
	if (dir->number == EXT2_INO_ROOT || count_get(&g->free_inodes_count) == 0 ||
	    count_get(&g->free_blocks_count) < fair_share(&fs->free_blocks, fs) / 3)
		return emptiest_group(fs);
	return home;
}

static int
number_alloc_in(struct ext2_fs *fs, uint32_t group, bool directory, uint32_t *number)
{
	struct ext2_group *g = &fs->group[group];
	uint32_t first = group == 0 ? fs->first_inode - 1 : 0;
	struct buf *b;
	size_t bit;
	int error = -ENOSPC;

	mutex_lock(group_lock(fs, group));
	if (g->free_inodes_count == 0)
		goto unlock;
	error = buf_get(fs->dev, g->inode_bitmap, BUF_READ, &b);
	if (error)
		goto unlock;
	bit = bitmap_find_clear((uint64_t *)b->data, fs->group_inodes, first);
	if (bit < fs->group_inodes) {
		bitmap_set((uint64_t *)b->data, bit);
		buf_mark_dirty(b);
		count_add(&g->free_inodes_count, &fs->free_inodes, -1);
		count_add(&g->used_dirs_count, &fs->directories, directory);
		*number = group * fs->group_inodes + (uint32_t)bit + 1;
	} else {
		error = -ENOSPC;
		ext2_corrupt(fs, "group %u: counts %u free inodes, its bitmap has none", group,
			     g->free_inodes_count);
		count_add(&g->free_inodes_count, &fs->free_inodes, -g->free_inodes_count);
	}
	buf_put(b);
unlock:
	mutex_unlock(group_lock(fs, group));
	return error;
}

int
ext2_number_alloc(struct ext2_fs *fs, const struct ext2_node *dir, bool directory, uint32_t *number)
{
	uint32_t group = choose_group(fs, dir, directory);
	int error = -ENOSPC;

	for (uint32_t i = 0; i < fs->groups; i++) {
		if (count_get(&fs->group[group].free_inodes_count) > 0) {
			int result = number_alloc_in(fs, group, directory, number);

			if (result == 0)
				return 0;
			if (result != -ENOSPC)
				error = result;
		}
		group = (group + 1) % fs->groups;
	}
	return error;
}

int
ext2_number_free(struct ext2_fs *fs, uint32_t number, bool directory)
{
	uint32_t group = (number - 1) / fs->group_inodes;
	uint32_t bit = (number - 1) % fs->group_inodes;
	struct ext2_group *g = &fs->group[group];
	struct buf *b;
	int error;

	mutex_lock(group_lock(fs, group));
	error = buf_get(fs->dev, g->inode_bitmap, BUF_READ, &b);
	if (error)
		goto unlock;
	if (bitmap_test((uint64_t *)b->data, bit)) {
		bitmap_clear((uint64_t *)b->data, bit);
		buf_mark_dirty(b);
		if (g->free_inodes_count < fs->group_inodes)
			count_add(&g->free_inodes_count, &fs->free_inodes, 1);
		if (directory && g->used_dirs_count > 0)
			count_add(&g->used_dirs_count, &fs->directories, -1);
	} else {
		error = ext2_corrupt(fs, "inode %u is freed but was free already", number);
	}
	buf_put(b);
unlock:
	mutex_unlock(group_lock(fs, group));
	return error;
}
