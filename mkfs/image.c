// SPDX-License-Identifier: MIT
// An ext2 image being written.  See image.h.
#include "image.h"

#include "diag.h"
#include "output.h"

#include <stdlib.h>
#include <string.h>

void
image_begin(struct image *img, const struct layout *l)
{
	img->layout = *l;
	img->next_block = layout_overhead(l, 0);
	img->next_inode = EXT2_INO_LOST_FOUND + 1;
	img->dirs = must_alloc(l->groups, sizeof(img->dirs[0]));
}

uint32_t
image_take_block(struct image *img)
{
	uint32_t block = img->next_block++;
	uint32_t group = img->next_block / EXT2_GROUP_BITS;

	if (img->next_block % EXT2_GROUP_BITS == 0 && group < img->layout.groups)
		img->next_block += layout_overhead(&img->layout, group);
	return block;
}

uint32_t
image_take_inode(struct image *img)
{
	return img->next_inode++;
}

void
image_write_block(uint32_t block, const void *data)
{
	output_write((uint64_t)block * EXT2_BLOCK_SIZE, data, EXT2_BLOCK_SIZE);
}

void
image_write_inode(struct image *img, uint32_t ino, const struct ext2_inode *inode)
{
	uint32_t group = (ino - 1) / img->layout.inodes_per_group;
	uint32_t index = (ino - 1) % img->layout.inodes_per_group;
	uint64_t table = layout_bitmaps(&img->layout, group) + 2;

	if ((inode->mode & EXT2_S_IFMT) == EXT2_S_IFDIR)
		img->dirs[group]++;
	output_write(table * EXT2_BLOCK_SIZE + (uint64_t)index * EXT2_INODE_SIZE, inode,
		     EXT2_INODE_SIZE);
}

static void
set_bits(uint8_t *bitmap, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		bitmap[i / 8] |= (uint8_t)(1 << i % 8);
}

// How many of a group's blocks are in use; they are the first ones.
static uint32_t
used_blocks(const struct image *img, uint32_t group)
{
	uint32_t start = layout_group_start(group);
	uint32_t blocks = layout_group_blocks(&img->layout, group);
	uint32_t least = layout_overhead(&img->layout, group);

	if (img->next_block <= start + least)
		return least;
	return img->next_block - start < blocks ? img->next_block - start : blocks;
}

static uint32_t
used_inodes(const struct image *img, uint32_t group)
{
	uint32_t per_group = img->layout.inodes_per_group;
	uint32_t taken = img->next_inode - 1;

	if (taken <= group * per_group)
		return 0;
	taken -= group * per_group;
	return taken < per_group ? taken : per_group;
}

// Write a group's bitmaps and fill its descriptor.  Bits past the group's end
// are set, so that nobody takes them.
static void
end_group(const struct image *img, uint32_t group, struct ext2_group *desc)
{
	const struct layout *l = &img->layout;
	uint32_t bitmaps = layout_bitmaps(l, group);
	uint32_t blocks = used_blocks(img, group);
	uint32_t inodes = used_inodes(img, group);
	uint8_t bitmap[EXT2_BLOCK_SIZE] = { 0 };

	desc->block_bitmap = bitmaps;
	desc->inode_bitmap = bitmaps + 1;
	desc->inode_table = bitmaps + 2;
	desc->free_blocks_count = (uint16_t)(layout_group_blocks(l, group) - blocks);
	desc->free_inodes_count = (uint16_t)(l->inodes_per_group - inodes);
	desc->used_dirs_count = img->dirs[group];

	set_bits(bitmap, 0, blocks);
	set_bits(bitmap, layout_group_blocks(l, group), EXT2_GROUP_BITS);
	image_write_block(desc->block_bitmap, bitmap);
	memset(bitmap, 0, sizeof(bitmap));
	set_bits(bitmap, 0, inodes);
	set_bits(bitmap, l->inodes_per_group, EXT2_GROUP_BITS);
	image_write_block(desc->inode_bitmap, bitmap);
}

static void
fill_super(const struct layout *l, const struct image_options *options, struct ext2_super *super)
{
	super->inodes_count = (uint32_t)layout_inodes(l);
	super->blocks_count = l->blocks;
	super->log_block_size = EXT2_LOG_4K;
	super->log_frag_size = EXT2_LOG_4K;
	super->blocks_per_group = EXT2_GROUP_BITS;
	super->frags_per_group = EXT2_GROUP_BITS;
	super->inodes_per_group = l->inodes_per_group;
	super->max_mnt_count = UINT16_MAX;
	super->magic = EXT2_MAGIC;
	super->state = EXT2_STATE_CLEAN;
	super->errors = EXT2_ERRORS_CONTINUE;
	super->creator_os = EXT2_OS_LINUX;
	super->rev_level = EXT2_REV_DYNAMIC;
	super->first_ino = EXT2_INO_LOST_FOUND;
	super->inode_size = EXT2_INODE_SIZE;
	super->feature_incompat = EXT2_INCOMPAT_FILETYPE;
	super->feature_ro_compat = EXT2_RO_COMPAT_SPARSE_SUPER | EXT2_RO_COMPAT_LARGE_FILE;
	super->min_extra_isize = EXT2_EXTRA_ISIZE;
	super->want_extra_isize = EXT2_EXTRA_ISIZE;
	super->mkfs_time = options->time;
	memcpy(super->uuid, options->uuid, sizeof(super->uuid));
	memcpy(super->volume_name, options->label,
	       strnlen(options->label, sizeof(super->volume_name)));
}

void
image_end(struct image *img, const struct image_options *options)
{
	const struct layout *l = &img->layout;
	struct ext2_super super = { 0 };
	struct ext2_group *desc;

	fill_super(l, options, &super);
	desc = must_alloc(l->desc_blocks, EXT2_BLOCK_SIZE);
	for (uint32_t g = 0; g < l->groups; g++) {
		end_group(img, g, &desc[g]);
		super.free_blocks_count += desc[g].free_blocks_count;
		super.free_inodes_count += desc[g].free_inodes_count;
	}
	for (uint32_t g = 0; g < l->groups; g++) {
		uint64_t start = (uint64_t)layout_group_start(g) * EXT2_BLOCK_SIZE;

		if (!layout_has_super(g))
			continue;
		super.block_group_nr = (uint16_t)g;
		output_write(start + (g == 0 ? EXT2_SUPER_OFFSET : 0), &super, sizeof(super));
		output_write(start + EXT2_BLOCK_SIZE, desc,
			     (size_t)l->desc_blocks * EXT2_BLOCK_SIZE);
	}
	free(desc);
	free(img->dirs);
}
