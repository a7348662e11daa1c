// SPDX-License-Identifier: MIT
/*
 * Entries of a space's page table, as vm/ changes them.
 *
 * An entry is absent (0), present, or hidden: not valid for the hardware, but
 * it keeps its page.  Hidden entries are for pages of a region without any
 * right, since a valid entry without rights would be a table's.
 *
 *   1. A present entry has A set, and D if it has W: the hardware never has to
 *      change one, so none of its changes can be lost.
 *   2. W is only in an entry whose page nobody else may see change: the page has
 *      this one reference, or the region is shared.
 *   3. An entry has no right that its region lacks.
 *
 * The space's lock is held for all changes.
 */
#pragma once

#include "mm/pagetable.h"
#include "vm/space.h"

// The bits of a present (or hidden) entry for a page of r with all of r's
// rights.  For a page that others see too, the caller takes W away.
static inline uint64_t
entry_flags(const struct region *r)
{
	uint64_t flags = PTE_U | PTE_A | PTE_D;

	return r->protection == 0 ? flags : flags | PTE_V | r->protection;
}

// Change an entry that is not 0, to a value that isn't.
static inline void
entry_change(pte_t *entry, pte_t value)
{
	pte_store(entry, value);
}

// Enter a page where the entry is 0, and remove one where it isn't; they count
// the pages that the space has.
static inline void
entry_enter(struct space *s, pte_t *entry, pte_t value)
{
	s->resident++;
	pte_store(entry, value);
}

static inline void
entry_clear(struct space *s, pte_t *entry)
{
	s->resident--;
	pte_store(entry, 0);
}
