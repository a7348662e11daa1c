// SPDX-License-Identifier: MIT
/*
 * What the files of mm/ share.
 */
#pragma once

#include "lib/math.h"
#include "mm/page.h"

// Values of page.kind that mm/ itself uses.
enum {
	PAGE_KIND_POISONED = 0xfff0, // free and filled with the pattern
	PAGE_KIND_HEAP = 0xfff1,     // cut into blocks of one size (page.owner)
	PAGE_KIND_LARGE = 0xfff2,    // first page of a large heap block
};

// Describe the pages of RAM in [start, end) by array; all are reserved.
void page_init(struct page *array, paddr_t start, paddr_t end);
// Give [start, end) to the allocator.
void page_add_range(paddr_t start, paddr_t end);
