// SPDX-License-Identifier: MIT
/*
 * Regions: runs of pages of one address space with the same rights and the
 * same memory type.
 *
 * A memory type is a table of operations (the idea is MINIX 3's, servers/vm).
 * A page's own state (its entry, its references), not only its region's, says
 * whether it is shared and must be copied.
 */
#pragma once

#include "arch/pte.h"
#include "arch/upcall.h"
#include "lib/list.h"

struct page;
struct region;
struct space;
struct vnode;

// All are called with the space's lock held.
struct region_ops {
	const char *name;

	// Give the page at va (page-aligned, not present, access allowed by the
	// region): *page with a reference for the entry, *flags more bits for it
	// (PTE_COW, or PTE_W withheld).  Returns 0, -ENOMEM, -EIO, or -EFAULT
	// beyond what backs the region (SIGBUS).
	int (*fault)(struct region *r, uaddr_t va, enum fault_access access, struct page **page,
		     uint64_t *flags);

	// child is a copy of parent's region in a new space; entries are copied
	// by vm/cow.c afterwards.  Take what references it needs.
	int (*fork)(struct region *parent, struct region *child);

	// upper is new and takes over [at, end) of r.
	int (*split)(struct region *r, struct region *upper, uaddr_t at);

	// [start, end) goes away; entries are cleared by the caller afterwards.
	void (*unmap)(struct region *r, uaddr_t start, uaddr_t end);

	// Bring stores in [start, end) to what backs the region.
	int (*write_back)(struct region *r, uaddr_t start, uaddr_t end);

	// The whole region goes: drop references.
	void (*release)(struct region *r);
};

enum region_flags {
	REGION_SHARED = 1 << 0, // stores are seen by all who map it
	REGION_STACK = 1 << 1,  // grows downwards on a fault below it
	REGION_HEAP = 1 << 2,   // brk's
	REGION_NOFORK = 1 << 3, // not copied into a child
};

/*
 *   s  the space's lock
 */
struct region {
	struct list link;             // [s] in the space, by start
	struct space *space;          // [s]
	uaddr_t start;                // [s] page-aligned
	uaddr_t end;                  // [s] page-aligned, exclusive
	uint32_t protection;          // [s] PTE_R, PTE_W, PTE_X
	uint32_t flags;               // [s] enum region_flags
	const struct region_ops *ops; // [s]
	struct vnode *vnode;          // [s] what backs it, or NULL
	uint64_t offset;              // [s] of start in what backs it
	void *data;                   // [s] the memory type's own
};

// Anonymous memory: zeros on demand; private memory is copied on write after a
// fork, shared memory (REGION_SHARED) stays the same for all who map it.
extern const struct region_ops region_anonymous;

// A copy of r's description that is in no space and has no reference of its own
// yet; NULL if out of memory.
struct region *region_copy(const struct region *r);

// Release what r refers to, and free r.
void region_free(struct region *r);
