// SPDX-License-Identifier: MIT
/*
 * Putting the folder's nodes into the image.
 *
 * A file's blocks hang in four trees: twelve direct blocks, and trees of one,
 * two and three levels of indirect blocks.  map_tree() walks one of them in
 * the order of the file, visiting only where there is data; without an image
 * it only counts.  An indirect block lies just before what it points to.
 */
#include "files.h"

#include "content.h"
#include "diag.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

struct mapping {
	struct content *c;
	struct image *img; // NULL: count only
	uint64_t blocks;
};

static uint32_t
take(struct mapping *m)
{
	m->blocks++;
	return m->img ? image_take_block(m->img) : 1;
}

static void
write_block(const struct mapping *m, uint32_t block, const void *data)
{
	if (m->img)
		image_write_block(block, data);
}

// Map the blocks of the file from first on that a tree with so many levels of
// indirect blocks reaches.  Returns the tree's top block, 0 for only a hole.
static uint32_t
map_tree(struct mapping *m, unsigned levels, uint64_t first)
{
	uint64_t reach = 1, child = 0, next;
	uint32_t pointers[EXT2_PER_BLOCK] = { 0 };
	uint32_t top;

	for (unsigned i = 0; i < levels; i++) {
		child = reach;
		reach *= EXT2_PER_BLOCK;
	}
	next = content_next(m->c, first);
	if (next == CONTENT_END || next >= first + reach)
		return 0;
	top = take(m);
	if (levels == 0) {
		write_block(m, top, content_block(m->c, first));
		return top;
	}
	while (next != CONTENT_END && next < first + reach) {
		uint64_t i = (next - first) / child;

		pointers[i] = map_tree(m, levels - 1, first + i * child);
		next = content_next(m->c, first + (i + 1) * child);
	}
	write_block(m, top, pointers);
	return top;
}

static void
map_content(struct mapping *m, uint32_t block[EXT2_NBLOCK])
{
	uint64_t first = EXT2_NDIRECT, reach = 1;

	for (uint64_t i = 0; i < EXT2_NDIRECT; i++)
		block[i] = map_tree(m, 0, i);
	for (unsigned levels = 1; levels <= EXT2_NBLOCK - EXT2_NDIRECT; levels++) {
		reach *= EXT2_PER_BLOCK;
		block[EXT2_NDIRECT + levels - 1] = map_tree(m, levels, first);
		first += reach;
	}
	// An inode counts its blocks in sectors, in 32 bits.
	if (m->c->blocks > first || m->blocks > UINT32_MAX / (EXT2_BLOCK_SIZE / EXT2_SECTOR))
		fail("%s: is larger than ext2 can hold", node_path(m->c->node));
}

uint64_t
files_blocks(const struct source *s, const struct node *n)
{
	struct content c;
	struct mapping m = { .c = &c };
	uint32_t block[EXT2_NBLOCK];

	content_open(&c, s, n);
	map_content(&m, block);
	content_close(&c);
	return m.blocks;
}

void
files_number(const struct source *s, struct image *img)
{
	for (size_t i = 0; i < s->count; i++) {
		struct node *n = s->nodes[i];

		if (n->file != n)
			continue;
		if (!n->parent)
			n->ino = EXT2_INO_ROOT;
		else if (n == s->lost_found)
			n->ino = EXT2_INO_LOST_FOUND;
		else
			n->ino = image_take_inode(img);
	}
}

// Linux's two encodings of a device number: 8 bits each in the first pointer,
// or 12 and 20 bits in the second.
static void
set_device(uint32_t block[EXT2_NBLOCK], dev_t rdev)
{
	uint32_t a = major(rdev), b = minor(rdev);

	if (a < 256 && b < 256)
		block[0] = a << 8 | b;
	else
		block[1] = (b & 0xff) | a << 8 | (b & ~0xffu) << 12;
}

// Seconds and their part of the extra field; what ext2 can't tell (before
// 1901, after 2446) becomes the nearest that it can.
static uint32_t
split_time(struct timespec t, uint32_t *extra)
{
	const int64_t least = INT32_MIN;
	const int64_t most = least + ((int64_t)1 << (32 + EXT2_EXTRA_EPOCH_BITS)) - 1;
	int64_t seconds = t.tv_sec;

	if (seconds < least)
		seconds = least;
	if (seconds > most)
		seconds = most;
	*extra = (uint32_t)t.tv_nsec << EXT2_EXTRA_EPOCH_BITS;
	*extra |= (uint32_t)((seconds - (int32_t)seconds) >> 32) & EXT2_EXTRA_EPOCH_MASK;
	return (uint32_t)seconds;
}

static void
set_times(struct ext2_inode *inode, struct timespec t)
{
	uint32_t extra, seconds = split_time(t, &extra);

	inode->extra_isize = EXT2_EXTRA_ISIZE;
	inode->atime = inode->ctime = inode->mtime = inode->crtime = seconds;
	inode->atime_extra = inode->ctime_extra = inode->mtime_extra = extra;
	inode->crtime_extra = extra;
}

void
files_write(const struct source *s, const struct node *n, struct image *img,
	    const struct timespec *time)
{
	struct content c;
	struct mapping m = { .c = &c, .img = img };
	struct ext2_inode inode = { 0 };
	uint32_t block[EXT2_NBLOCK];

	content_open(&c, s, n);
	map_content(&m, block);
	memcpy(inode.block, block, sizeof(block));
	inode.mode = (uint16_t)n->mode;
	inode.links_count = (uint16_t)n->links;
	inode.size = (uint32_t)c.size;
	inode.size_high = (uint32_t)(c.size >> 32);
	inode.blocks = (uint32_t)(m.blocks * (EXT2_BLOCK_SIZE / EXT2_SECTOR));
	set_times(&inode, time ? *time : n->mtime);
	if (n->link && n->size <= EXT2_SYMLINK_FAST_MAX)
		memcpy(inode.block, n->link, n->size);
	else if (S_ISCHR(n->mode) || S_ISBLK(n->mode))
		set_device(inode.block, n->rdev);
	image_write_inode(img, n->ino, &inode);
	content_close(&c);
}
