// SPDX-License-Identifier: MIT
/*
 * Copy-on-write (vm/cow.h has the rules).
 *
 * A page's reference count says how many entries (and caches) hold it, so no
 * object stands between entry and page.  After a fork both entries are
 * read-only and marked; the mark is only a memory of why: what decides at a
 * store is the count.  The one who finds itself alone takes the page back
 * without a copy.
 *
 * The count can't rise meanwhile: a reference is only ever made from an entry of
 * this space, whose lock is held, or by a cache that has one already.  If it
 * falls after the look, a page was copied that could have been kept.
 *
 * Chains of shadow objects (Mach) were rejected: they have to be collapsed, and
 * leak pages where they can't be.
 */
#include "vm/cow.h"

#include "abi/errno.h"
#include "arch/tlb.h"
#include "lib/kstat.h"
#include "lib/string.h"
#include "mm/page.h"
#include "vm/entry.h"
#include "vm/gather.h"

bool
cow_is_shared(pte_t entry)
{
	return (entry & PTE_COW) != 0;
}

struct sharing {
	struct space *child;
	bool shared; // stores are meant to be seen by both
	int error;
};

// Share the pages of a run of the parent's entries.
static void
share_run(void *arg, uaddr_t va, pte_t *entry, unsigned count)
{
	struct sharing *s = arg;
	pte_t *copy = NULL;

	for (; count > 0 && s->error == 0; count--, entry++, va += PAGE_SIZE) {
		pte_t pte = pte_load(entry);
		if (pte == 0) {
			copy = NULL;
			continue;
		}
		// A run has one table, so the child's entries have one too.
		copy = copy != NULL ? copy + 1 : pagetable_make_entry(s->child->root, va);
		if (copy == NULL) {
			s->error = -ENOMEM;
			return;
		}
		if (!s->shared) {
			pte = (pte & ~PTE_W) | PTE_COW;
			entry_change(entry, pte);
		}
		page_get(phys_to_page(pte_paddr(pte)));
		entry_enter(s->child, copy, pte);
	}
}

int
cow_fork(struct region *parent, struct region *child)
{
	struct sharing s = {
		.child = child->space,
		.shared = (parent->flags & REGION_SHARED) != 0,
	};

	pagetable_for_each_run(parent->space->root, parent->start, parent->end, share_run, &s);
	return s.error;
}

int
cow_fault(struct region *r, uaddr_t va, pte_t *entry)
{
	struct page *page = phys_to_page(pte_paddr(pte_load(entry)));
	struct gather g;

	if (page_refs(page) == 1 || (r->flags & REGION_SHARED)) {
		entry_change(entry, pte_make(page_to_phys(page), entry_flags(r)));
		tlb_flush_local(va, PAGE_SIZE); // or the store faults once more
		return 0;
	}
	struct page *copy = page_alloc(0);
	if (copy == NULL)
		return -ENOMEM;
	memcpy(page_to_virt(copy), page_to_virt(page), PAGE_SIZE);
	kstat_inc(KSTAT_PAGES_COPIED);
	gather_begin(&g, r->space);
	entry_change(entry, pte_make(page_to_phys(copy), entry_flags(r)));
	gather_page(&g, va, page);
	gather_end(&g);
	return 0;
}
