// SPDX-License-Identifier: MIT
/*
 * What a node keeps in data blocks, one block at a time and holes left out:
 * a regular file's bytes, a directory's records, a long symbolic link's text.
 * A block of zeros is a hole.
 */
#pragma once

#include "source.h"

#include <stdint.h>

#define CONTENT_END UINT64_MAX

struct content {
	const struct node *node;
	uint64_t size;   // in bytes, as the inode says
	uint64_t blocks; // size in blocks, rounded up
	int fd;          // the host's file, or -1: all is in the window

	// Blocks in memory.
	uint8_t *window;
	uint64_t window_start;
	uint64_t window_blocks;

	// The last question to content_next and its answer.
	uint64_t asked, answer;
};

// Children must have their inode numbers before a directory is opened to be
// written; to be counted only, they needn't.
void content_open(struct content *c, const struct source *s, const struct node *n);
void content_close(struct content *c);

// The first block at or after from that is not a hole, or CONTENT_END.
uint64_t content_next(struct content *c, uint64_t from);
// A block that content_next just named.
const void *content_block(const struct content *c, uint64_t index);
