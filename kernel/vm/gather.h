// SPDX-License-Identifier: MIT
/*
 * Taking pages out of a space: first the entry, then a fence, then the page's
 * reference.
 *
 * A page must not be given to somebody else while a hart may still reach it by
 * an old translation.  So pages that are taken out are gathered, and one fence
 * serves them all.
 */
#pragma once

#include "lib/list.h"
#include "vm/space.h"

#define GATHER_FEW 32

struct gather_chunk;

// Lives on the stack of one operation.  The space's lock is held throughout.
struct gather {
	struct space *space;
	uaddr_t start; // what has to be fenced
	uaddr_t end;
	unsigned count;
	struct page *few[GATHER_FEW]; // the first pages
	struct gather_chunk *chunks;  // the others
	struct list tables;           // pages of page tables
};

void gather_begin(struct gather *g, struct space *s);

// Clear the entries of [start, end) and gather their pages.
void gather_range(struct gather *g, uaddr_t start, uaddr_t end);

// Gather page, which was behind va's entry, already changed.
void gather_page(struct gather *g, uaddr_t va, struct page *page);

// Gather the tables that have become empty with [start, end).  Nothing lies
// around that in [floor, ceiling).
void gather_tables(struct gather *g, uaddr_t start, uaddr_t end, uaddr_t floor, uaddr_t ceiling);

// Fence, and give the pages' references back.
void gather_end(struct gather *g);
