// SPDX-License-Identifier: MIT
// The geometry of an image.
#include "layout.h"

#include "abi/ext2.h"

#define INODES_PER_BLOCK (EXT2_BLOCK_SIZE / EXT2_INODE_SIZE)

// A last group that would offer fewer blocks than this is not worth having.
#define WORTHWHILE 64

static uint64_t
divide_up(uint64_t n, uint64_t by)
{
	return (n + by - 1) / by;
}

bool
layout_has_super(uint32_t group)
{
	return ext2_sparse_group_has_super(group);
}

uint32_t
layout_group_start(uint32_t group)
{
	return group * EXT2_GROUP_BITS;
}

uint32_t
layout_group_blocks(const struct layout *l, uint32_t group)
{
	if (group + 1 < l->groups)
		return EXT2_GROUP_BITS;
	return l->blocks - layout_group_start(group);
}

uint32_t
layout_bitmaps(const struct layout *l, uint32_t group)
{
	return layout_group_start(group) + (layout_has_super(group) ? 1 + l->desc_blocks : 0);
}

uint32_t
layout_overhead(const struct layout *l, uint32_t group)
{
	return layout_bitmaps(l, group) - layout_group_start(group) + 2 + l->table_blocks;
}

enum layout_error
layout_make(struct layout *l, uint64_t blocks, uint64_t inodes)
{
	for (;;) {
		uint64_t groups = divide_up(blocks, EXT2_GROUP_BITS);
		uint64_t table;
		uint32_t last, spare;

		if (groups == 0)
			return LAYOUT_TOO_SMALL;
		table = divide_up(divide_up(inodes, groups), INODES_PER_BLOCK);
		if (table * INODES_PER_BLOCK > EXT2_GROUP_BITS)
			return LAYOUT_TOO_MANY_INODES;
		l->blocks = (uint32_t)blocks;
		l->groups = (uint32_t)groups;
		l->table_blocks = (uint32_t)table;
		l->inodes_per_group = l->table_blocks * INODES_PER_BLOCK;
		l->desc_blocks =
			(uint32_t)divide_up(groups * sizeof(struct ext2_group), EXT2_BLOCK_SIZE);
		last = layout_group_blocks(l, l->groups - 1);
		spare = groups == 1 ? 1 : WORTHWHILE;
		if (last >= layout_overhead(l, l->groups - 1) + spare)
			return LAYOUT_OK;
		if (groups == 1)
			return LAYOUT_TOO_SMALL;
		blocks -= last;
	}
}

uint64_t
layout_room(const struct layout *l)
{
	uint64_t room = 0;

	for (uint32_t g = 0; g < l->groups; g++)
		room += layout_group_blocks(l, g) - layout_overhead(l, g);
	return room;
}

uint64_t
layout_inodes(const struct layout *l)
{
	return (uint64_t)l->groups * l->inodes_per_group;
}
