// SPDX-License-Identifier: MIT
/*
 * An ext2 image being written: gives out blocks and inodes in ascending order,
 * and at the end writes the bitmaps, descriptors and superblocks that say so.
 *
 * Because both are given out in order and nothing is ever freed, a bitmap
 * needs no memory: in each group, what lies below the next block is in use.
 */
#pragma once

#include "layout.h"

#include "abi/ext2.h"

#include <stdint.h>

struct image_options {
	const char *label; // at most 16 bytes
	uint8_t uuid[16];
	uint32_t time; // when the file system was made, s since 1970
};

struct image {
	struct layout layout;
	uint32_t next_block;
	uint32_t next_inode;
	uint16_t *dirs; // in each group
};

void image_begin(struct image *img, const struct layout *l);

// The caller has counted before: there is always a block.
uint32_t image_take_block(struct image *img);
uint32_t image_take_inode(struct image *img);

void image_write_block(uint32_t block, const void *data);
void image_write_inode(struct image *img, uint32_t ino, const struct ext2_inode *inode);

void image_end(struct image *img, const struct image_options *options);
