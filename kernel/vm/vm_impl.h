// SPDX-License-Identifier: MIT
/*
 * What the files of vm/ share.
 */
#pragma once

#include "vm/space.h"

// Where mappings without an address are placed, from the top down.
#define MMAP_BOTTOM UINT64_C(0x0000000010000000)
#define MMAP_TOP    UINT64_C(0x0000003f00000000)

// Unmapped bytes that a growing stack leaves above what lies below it.
#define STACK_GAP (256 * PAGE_SIZE)

/*
 * Pages taken out of a page table, to be put after the fence that makes every
 * hart forget them.
 */
#define GATHER_MAX 64
struct gather {
	struct space *space;
	uaddr_t start; // what to fence
	uaddr_t end;
	unsigned count;
	struct page *page[GATHER_MAX];
};

void gather_init(struct gather *g, struct space *s);
// Clear the entries of [start, end) and gather their pages.
void gather_range(struct gather *g, uaddr_t start, uaddr_t end);
// Fence and put what is gathered, and the tables that are empty now and lie
// wholly in [start, end).
void gather_finish(struct gather *g, uaddr_t start, uaddr_t end);

// The entry bits for a page of r.
uint64_t region_entry_flags(const struct region *r);

// A copy of r's description that is in no space; NULL if out of memory.
struct region *region_copy(const struct region *r);
