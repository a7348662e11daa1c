// SPDX-License-Identifier: MIT
/*
 * Sv39 page tables (RISC-V Privileged, section 4.4).
 *
 * These functions edit the tree and count nothing.  The caller holds the lock
 * of the address space and does the fences (arch/tlb.h).  An entry is written
 * with one store, so the hardware's walk sees the old or the new one.
 */
#pragma once

#include "arch/pte.h"
#include "lib/list.h"

// A new root whose kernel half is the kernel's, or NULL.
pte_t *pagetable_alloc(void);

// Free the root.  Its user half must be empty.  Any context.
void pagetable_free(pte_t *root);

// The leaf entry of va, making the tables above it.  NULL: out of memory.
pte_t *pagetable_make_entry(pte_t *root, uint64_t va);

// The leaf entry of va if the tables above it exist, else NULL.  level, if not
// NULL, gets the level of a large page met on the way.
pte_t *pagetable_find_entry(pte_t *root, uint64_t va, unsigned *level);

// Call fn for each run of user leaf entries in [start, end) that have a table:
// count entries from va's on, absent ones among them.  In order; absent tables
// are skipped as wholes.  fn may change the entries.
void pagetable_for_each_run(pte_t *root, uaddr_t start, uaddr_t end,
			    void (*fn)(void *arg, uaddr_t va, pte_t *entry, unsigned count),
			    void *arg);

// Take out the tables that lie wholly in [start, end) and are empty.  Their
// pages go on the list freed (by page.link), to be put after a fence.
void pagetable_trim(pte_t *root, uaddr_t start, uaddr_t end, struct list *freed);

// Map [va, va + size) to pa with the largest pages that fit; for the kernel's
// own half at boot.  Returns 0 or -ENOMEM.
int pagetable_map_kernel(pte_t *root, uint64_t va, paddr_t pa, uint64_t size, uint64_t flags);

// Store an entry in one piece.
static inline void
pte_store(pte_t *entry, pte_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

static inline pte_t
pte_load(const pte_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}
