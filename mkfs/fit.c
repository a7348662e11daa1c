// SPDX-License-Identifier: MIT
// Does the folder fit?  See fit.h.
#include "fit.h"

#include "diag.h"
#include "files.h"

#include "abi/ext2.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MIB_BLOCKS       (1u << (20 - EXT2_BLOCK_LOG))
#define BLOCKS_PER_INODE 4 // at least one inode for so many blocks
#define RESERVED_INODES  (EXT2_INO_LOST_FOUND - 1)

// What the folder needs.
struct needs {
	uint64_t *node; // blocks, by node
	uint64_t blocks;
	uint64_t inodes; // the reserved ones too
	uint64_t asked;  // inodes that the user wants, or 0
};

static void
count_needs(const struct source *s, struct needs *needs)
{
	needs->node = must_alloc(s->count, sizeof(needs->node[0]));
	needs->inodes = RESERVED_INODES - 1; // the root is both reserved and a node
	for (size_t i = 0; i < s->count; i++) {
		if (s->nodes[i]->file != s->nodes[i])
			continue;
		needs->node[i] = files_blocks(s, s->nodes[i]);
		needs->blocks += needs->node[i];
		needs->inodes++;
	}
}

// How many inodes an image of so many blocks is to have at least.
static uint64_t
choose_inodes(const struct needs *needs, uint64_t blocks)
{
	uint64_t by_size = blocks / BLOCKS_PER_INODE;
	uint64_t by_need = needs->inodes + needs->inodes / 4;

	if (needs->asked)
		return needs->asked;
	return by_size > by_need ? by_size : by_need;
}

// Would everything fit into so many blocks?
static bool
fits(const struct needs *needs, uint64_t blocks)
{
	struct layout l;

	return layout_make(&l, blocks, choose_inodes(needs, blocks)) == LAYOUT_OK &&
	       layout_room(&l) >= needs->blocks;
}

// What to do about too small an image: the smallest that will do, in MiB.
static const char *
advice(const struct needs *needs)
{
	static char text[80];
	uint64_t mib = needs->blocks / MIB_BLOCKS;

	while (mib * MIB_BLOCKS <= UINT32_MAX && !fits(needs, mib * MIB_BLOCKS))
		mib += 1 + mib / 1024;
	if (mib * MIB_BLOCKS > UINT32_MAX)
		return "no image is large enough";
	snprintf(text, sizeof(text), "make the image larger: %" PRIu64 "M holds it all", mib);
	return text;
}

// Fail, and name the first thing that does not fit, if there is one.
static void
check_fit(const struct source *s, const struct needs *needs, const struct layout *l)
{
	uint64_t room = layout_room(l), inodes = RESERVED_INODES - 1;

	for (size_t i = 0; i < s->count; i++) {
		const struct node *n = s->nodes[i];

		if (n->file != n)
			continue;
		if (++inodes > layout_inodes(l))
			fail("%s: no inode left of %" PRIu64 ", the folder needs %" PRIu64
			     "; ask for more: -N %" PRIu64,
			     node_path(n), layout_inodes(l), needs->inodes, needs->inodes);
		if (needs->node[i] > room)
			fail("%s: needs %" PRIu64 " blocks, %" PRIu64 " free of %" PRIu32 "; %s",
			     node_path(n), needs->node[i], room, l->blocks, advice(needs));
		room -= needs->node[i];
	}
}

void
fit_layout(struct layout *l, const struct source *s, uint64_t blocks, uint64_t inodes)
{
	struct needs needs = { .asked = inodes };

	count_needs(s, &needs);
	inodes = choose_inodes(&needs, blocks);
	switch (layout_make(l, blocks, inodes)) {
	case LAYOUT_OK:
		check_fit(s, &needs, l);
		break;
	case LAYOUT_TOO_SMALL:
		fail("%" PRIu64 " blocks are too few for a file system with %" PRIu64 " inodes; %s",
		     blocks, inodes, advice(&needs));
	case LAYOUT_TOO_MANY_INODES:
		fail("%" PRIu64 " blocks are too few for %" PRIu64 " inodes; %s", blocks, inodes,
		     advice(&needs));
	}
	free(needs.node);
}
