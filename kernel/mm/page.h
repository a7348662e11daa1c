// SPDX-License-Identifier: MIT
/*
 * Physical pages: who has which, and how many hold it.
 *
 * A page is free, allocated (references > 0), or reserved (the firmware's, the
 * kernel's image).  Blocks of 2^order pages come from a buddy allocator
 * (Knuth, The Art of Computer Programming 1, section 2.5); single pages from a
 * small cache of each hart first.  Out of memory gives NULL after the
 * registered reclaimers (mm/reclaim.h) have been asked, never a panic.
 *
 * In debug builds free pages are filled with a pattern that is checked when
 * they are given out again, so a write after free is found and named.
 */
#pragma once

#include "arch/layout.h"
#include "arch/types.h"
#include "lib/list.h"

/*
 *   a  atomic
 *   p  the page allocator's lock
 *   o  the owner of an allocated page
 */
struct page {
	uint32_t refs;    // [a] 0: free or reserved
	uint8_t order;    // [p] of the free block that starts here
	uint8_t state;    // [p] enum page_state
	uint16_t kind;    // [o] what an allocated page is used for; 0
	struct list link; // [p] on a free list; [o] the owner's use
	void *owner;      // [o] the owner's use (the heap's size class, a buffer)
	void *blocks;     // [o] the heap's: free blocks of this page
};

enum page_state {
	PAGE_RESERVED,
	PAGE_FREE,
	PAGE_CACHED, // free, in a hart's cache
	PAGE_USED,
};

enum page_flags {
	PAGE_ZERO = 1 << 0,    // filled with zeros
	PAGE_RESERVE = 1 << 1, // may use the reserve: eviction's own needs only
	PAGE_NOWAIT = 1 << 2,  // ask no reclaimer (the caller holds locks of theirs)
};

#define PAGE_ORDER_MAX 10 // blocks of 4 MiB

// One page with one reference, or NULL.  May sleep (reclaim) unless
// PAGE_NOWAIT or a spinlock is held, when it does not reclaim.
struct page *page_alloc(unsigned flags);

// 2^order pages in a row; each has one reference and is put singly, or all by
// page_put_block().
struct page *page_alloc_block(unsigned order, unsigned flags);
void page_put_block(struct page *p, unsigned order);

// One more reference; one less, and free at the last.  Any context.
void page_get(struct page *p);
void page_put(struct page *p);
uint32_t page_refs(const struct page *p);

// Between a page, its number in memory and its bytes (direct map).
paddr_t page_to_phys(const struct page *p);
struct page *phys_to_page(paddr_t pa); // NULL if pa is no RAM
void *page_to_virt(const struct page *p);
struct page *virt_to_page(const void *p);

// Free pages, caches of harts included; and all pages that can be given out.
uint64_t page_free_count(void);
uint64_t page_total_count(void);

// Give the calling hart's cached pages back (to count, or to form blocks).
void page_drain_cache(void);
