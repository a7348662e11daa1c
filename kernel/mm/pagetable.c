// SPDX-License-Identifier: MIT
/*
 * Walking and editing Sv39 page tables (mm/pagetable.h).
 */
#include "mm/pagetable.h"

#include "abi/errno.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/memory.h"
#include "mm/page.h"

// Root entries from here on are the kernel's.
#define KERNEL_ROOT_FIRST (PT_ENTRIES / 2)

static bool
is_table(pte_t pte)
{
	return (pte & PTE_V) && !(pte & PTE_LEAF);
}

static pte_t *
table_of(pte_t pte)
{
	return phys_to_virt(pte_paddr(pte));
}

pte_t *
pagetable_alloc(void)
{
	struct page *p = page_alloc(PAGE_ZERO);
	if (p == NULL)
		return NULL;
	pte_t *root = page_to_virt(p);
	memory_share_kernel(root);
	return root;
}

void
pagetable_free(pte_t *root)
{
	for (unsigned i = 0; i < KERNEL_ROOT_FIRST; i++)
		assert(root[i] == 0);
	page_put(virt_to_page(root));
}

// The table below entry, made if there is none.
static pte_t *
make_table(pte_t *entry)
{
	pte_t pte = pte_load(entry);
	if (is_table(pte))
		return table_of(pte);
	struct page *p = page_alloc(PAGE_ZERO);
	if (p == NULL)
		return NULL;
	pte_store(entry, pte_make(page_to_phys(p), PTE_V));
	return page_to_virt(p);
}

static pte_t *
make_entry_at(pte_t *root, uint64_t va, unsigned level)
{
	pte_t *table = root;

	for (unsigned l = PT_LEVELS - 1; l > level; l--) {
		table = make_table(&table[PT_INDEX(va, l)]);
		if (table == NULL)
			return NULL;
	}
	return &table[PT_INDEX(va, level)];
}

pte_t *
pagetable_make_entry(pte_t *root, uint64_t va)
{
	return make_entry_at(root, va, 0);
}

pte_t *
pagetable_find_entry(pte_t *root, uint64_t va, unsigned *level)
{
	pte_t *table = root;

	for (unsigned l = PT_LEVELS - 1;; l--) {
		pte_t *entry = &table[PT_INDEX(va, l)];
		if (level != NULL)
			*level = l;
		if (l == 0)
			return entry;
		pte_t pte = pte_load(entry);
		if (!(pte & PTE_V))
			return NULL;
		if (pte & PTE_LEAF)
			return entry;
		table = table_of(pte);
	}
}

struct visit {
	uaddr_t start;
	uaddr_t end;
	void (*fn)(void *arg, uaddr_t va, pte_t *entry, unsigned count);
	void *arg;
};

static void
visit_table(const struct visit *v, pte_t *table, unsigned level, uaddr_t base)
{
	uint64_t span = PT_SPAN(level);
	uint64_t first = v->start > base ? (v->start - base) / span : 0;

	for (uint64_t i = first; i < PT_ENTRIES && base + i * span < v->end; i++) {
		pte_t pte = pte_load(&table[i]);
		if (!is_table(pte))
			continue;
		uaddr_t at = base + i * span;
		if (level > 1) {
			visit_table(v, table_of(pte), level - 1, at);
			continue;
		}
		uaddr_t start = MAX(at, v->start);
		uaddr_t end = MIN(at + span, v->end);
		v->fn(v->arg, start, table_of(pte) + PT_INDEX(start, 0),
		      (unsigned)((end - start) >> PAGE_SHIFT));
	}
}

void
pagetable_for_each_run(pte_t *root, uaddr_t start, uaddr_t end,
		       void (*fn)(void *arg, uaddr_t va, pte_t *entry, unsigned count), void *arg)
{
	struct visit v = { start, MIN(end, USER_TOP), fn, arg };
	visit_table(&v, root, PT_LEVELS - 1, 0);
}

static bool
table_empty(const pte_t *table)
{
	for (unsigned i = 0; i < PT_ENTRIES; i++)
		if (table[i] != 0)
			return false;
	return true;
}

// Take out the empty tables below table that lie wholly in [start, end).
static void
trim_table(pte_t *table, unsigned level, uaddr_t base, uaddr_t start, uaddr_t end,
	   struct list *freed)
{
	uint64_t span = PT_SPAN(level);
	uint64_t first = start > base ? (start - base) / span : 0;

	for (uint64_t i = first; i < PT_ENTRIES && base + i * span < end; i++) {
		uaddr_t at = base + i * span;
		if (!is_table(table[i]))
			continue;
		pte_t *lower = table_of(table[i]);
		if (level > 1)
			trim_table(lower, level - 1, at, start, end, freed);
		if (at < start || at + span > end || !table_empty(lower))
			continue;
		pte_store(&table[i], 0);
		list_push_back(freed, &virt_to_page(lower)->link);
	}
}

void
pagetable_trim(pte_t *root, uaddr_t start, uaddr_t end, struct list *freed)
{
	trim_table(root, PT_LEVELS - 1, 0, start, MIN(end, USER_TOP), freed);
}

int
pagetable_map_kernel(pte_t *root, uint64_t va, paddr_t pa, uint64_t size, uint64_t flags)
{
	while (size > 0) {
		unsigned level = PT_LEVELS - 1;
		while (level > 0 && ((va | pa) % PT_SPAN(level) != 0 || size < PT_SPAN(level)))
			level--;
		pte_t *entry = make_entry_at(root, va, level);
		if (entry == NULL)
			return -ENOMEM;
		pte_store(entry, pte_make(pa, flags | PTE_V | PTE_A | PTE_D | PTE_G));
		uint64_t span = PT_SPAN(level);
		va += span;
		pa += span;
		size -= span;
	}
	return 0;
}
