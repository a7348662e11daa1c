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
 * Chains of shadow objects (Mach) were rejected: they have to be collapsed, and
 * leak pages where they can't be.
 */
#include "vm/cow.h"

#include "abi/errno.h"
#include "arch/tlb.h"
#include "lib/kstat.h"
#include "lib/string.h"
#include "mm/page.h"
#include "mm/pagetable.h"

bool
cow_is_shared(pte_t entry)
{
	return (entry & PTE_COW) != 0;
}

// Where the child's entries go: the lowest table in use, found once for all of
// its entries.
struct cursor {
	struct region *child;
	uaddr_t base;   // of the table
	pte_t *table;   // NULL: none yet
	bool share;     // stores are meant to be seen by both
	int error;
};

static pte_t *
child_entry(struct cursor *c, uaddr_t va)
{
	uaddr_t base = va & ~(PT_SPAN(1) - 1);

	if (c->table == NULL || c->base != base) {
		c->table = pagetable_make_entry(c->child->space->root, base);
		c->base = base;
		if (c->table == NULL)
			return NULL;
	}
	return c->table + PT_INDEX(va, 0);
}

static void
share_page(void *arg, uaddr_t va, pte_t *entry)
{
	struct cursor *c = arg;
	pte_t pte = pte_load(entry);

	if (c->error != 0)
		return;
	pte_t *copy = child_entry(c, va);
	if (copy == NULL) {
		c->error = -ENOMEM;
		return;
	}
	if ((pte & PTE_W) && !c->share) {
		pte = (pte & ~PTE_W) | PTE_COW;
		pte_store(entry, pte);
	}
	page_get(phys_to_page(pte_paddr(pte)));
	pte_store(copy, pte);
	c->child->space->resident++;
}

int
cow_fork(struct region *parent, struct region *child)
{
	struct cursor c = { .child = child, .share = (parent->flags & REGION_SHARED) != 0 };

	pagetable_for_each(parent->space->root, parent->start, parent->end, share_page, &c);
	return c.error;
}

int
cow_fault(struct region *r, uaddr_t va, pte_t *entry)
{
	pte_t pte = pte_load(entry);
	struct page *page = phys_to_page(pte_paddr(pte));
	uint64_t flags = (pte & PTE_FLAGS & ~PTE_COW) | PTE_W | PTE_D | PTE_A;

	if (page_refs(page) == 1 || (r->flags & REGION_SHARED)) {
		pte_store(entry, pte_make(pte_paddr(pte), flags));
		tlb_flush_local(va, PAGE_SIZE);
		return 0;
	}
	struct page *copy = page_alloc(0);
	if (copy == NULL)
		return -ENOMEM;
	memcpy(page_to_virt(copy), page_to_virt(page), PAGE_SIZE);
	kstat_inc(KSTAT_PAGES_COPIED);
	pte_store(entry, pte_make(page_to_phys(copy), flags));
	space_flush(r->space, va, va + PAGE_SIZE);
	page_put(page);
	return 0;
}
