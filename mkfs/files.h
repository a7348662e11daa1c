// SPDX-License-Identifier: MIT
/*
 * Putting the folder's nodes into the image: counting what each needs, then
 * writing it.  Both go the same way over the same nodes, so a count is exact.
 */
#pragma once

#include "image.h"
#include "source.h"

#include <stdint.h>

// Blocks that n takes in an image, data and indirect ones.  Fails with a
// message for a file larger than ext2 can map.
uint64_t files_blocks(const struct source *s, const struct node *n);

// Give every file its inode number.
void files_number(const struct source *s, struct image *img);

// Write n's blocks and its inode, with time instead of its own if one is given.
void files_write(const struct source *s, const struct node *n, struct image *img,
		 const struct timespec *time);
