// SPDX-License-Identifier: MIT
/*
 * The geometry of an image: how many groups, where each keeps its bitmaps and
 * its part of the inode table, and so how much is left for files.
 *
 * Each group is laid out the same way: if it has copies, superblock and group
 * descriptors; block bitmap; inode bitmap; inode table; then free blocks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct layout {
	uint32_t blocks; // in the file system, perhaps less than in the image
	uint32_t groups;
	uint32_t desc_blocks; // of group descriptors, after each superblock
	uint32_t inodes_per_group;
	uint32_t table_blocks; // of inodes, in each group
};

enum layout_error {
	LAYOUT_OK,
	LAYOUT_TOO_SMALL,       // no room for the bookkeeping alone
	LAYOUT_TOO_MANY_INODES, // more than the groups' bitmaps can number
};

// Find the geometry for an image of so many blocks with at least so many
// inodes.  A last group too small to be of use is left out.
enum layout_error layout_make(struct layout *l, uint64_t blocks, uint64_t inodes);

uint32_t layout_group_start(uint32_t group);
uint32_t layout_group_blocks(const struct layout *l, uint32_t group);
// Blocks at a group's start that are not for files.
uint32_t layout_overhead(const struct layout *l, uint32_t group);
// Where the three parts that every group has begin: the block bitmap, then the
// inode bitmap one block later, then the inode table.
uint32_t layout_bitmaps(const struct layout *l, uint32_t group);
bool layout_has_super(uint32_t group);

// Blocks for files in the whole image.
uint64_t layout_room(const struct layout *l);
uint64_t layout_inodes(const struct layout *l);
