// SPDX-License-Identifier: MIT
/*
 * Page table entries of Sv39 (RISC-V Privileged, sections 4.3 and 4.4).
 *
 * A table has 512 entries; three levels.  An entry with none of R, W and X
 * points to the next table, else it maps a page of its level's size.
 */
#pragma once

#include "arch/types.h"

#define PTE_V (UINT64_C(1) << 0) // valid
#define PTE_R (UINT64_C(1) << 1)
#define PTE_W (UINT64_C(1) << 2)
#define PTE_X (UINT64_C(1) << 3)
#define PTE_U (UINT64_C(1) << 4) // user mode may
#define PTE_G (UINT64_C(1) << 5) // in all address spaces
#define PTE_A (UINT64_C(1) << 6) // accessed
#define PTE_D (UINT64_C(1) << 7) // dirty
// Two bits are left to software.  This one says that the page behind a
// read-only entry is shared with another space and a store must copy it.
#define PTE_COW (UINT64_C(1) << 8)

#define PTE_LEAF  (PTE_R | PTE_W | PTE_X)
#define PTE_FLAGS UINT64_C(0x3ff)

#define PT_ENTRIES 512
#define PT_LEVELS  3

// Bytes that one entry of a level maps; level 0 has the leaves of 4 KiB.
#define PT_SPAN(level)      (PAGE_SIZE << (9 * (level)))
#define PT_INDEX(va, level) (((va) >> (PAGE_SHIFT + 9 * (level))) & (PT_ENTRIES - 1))

static inline pte_t
pte_make(paddr_t pa, uint64_t flags)
{
	return pa >> PAGE_SHIFT << 10 | flags;
}

static inline paddr_t
pte_paddr(pte_t pte)
{
	return pte >> 10 << PAGE_SHIFT;
}
