// SPDX-License-Identifier: MIT
/*
 * Kernel stacks in slots of twice their size; the lower half of a slot is the
 * guard and is never mapped.
 *
 * Unmapping needs a fence on every hart, so a stack given back stays mapped in
 * a short list of spares.
 */
#include "mm/kstack.h"

#include "abi/errno.h"
#include "arch/hart.h"
#include "arch/pte.h"
#include "arch/tlb.h"
#include "lib/bitmap.h"
#include "lib/panic.h"
#include "lock/spinlock.h"
#include "mm/memory.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/poison.h"

#define SLOTS       4096
#define STACK_PAGES (KSTACK_SIZE / PAGE_SIZE)
#define SPARES_MAX  8

_Static_assert(SLOTS * KSTACK_SLOT <= KSTACK_AREA, "the stacks' area");

static struct lock_class kstack_class = LOCK_CLASS("kstack", RANK_KSTACK);
static struct spinlock lock = SPINLOCK_INIT(&kstack_class);
static uint64_t used[BITMAP_WORDS(SLOTS)]; // [lock] slots that are mapped
static uint64_t spare[SPARES_MAX];         // [lock] stack tops
static unsigned spares;                    // [lock]

static uint64_t
top_of_slot(size_t slot)
{
	return KSTACK_BASE + (slot + 1) * KSTACK_SLOT;
}

static pte_t *
entry_of(uint64_t va)
{
	return pagetable_find_entry(phys_to_virt(memory_kernel_root()), va, NULL);
}

// Unmap and free what is mapped of the stack.
static void
unmap(uint64_t top)
{
	struct page *page[STACK_PAGES];
	uint64_t bottom = top - KSTACK_SIZE;

	for (unsigned i = 0; i < STACK_PAGES; i++) {
		pte_t *entry = entry_of(bottom + i * PAGE_SIZE);
		page[i] = entry != NULL && (*entry & PTE_V) ? phys_to_page(pte_paddr(*entry)) : NULL;
		if (page[i] != NULL)
			pte_store(entry, 0);
	}
	tlb_flush_harts(UINT64_MAX, bottom, KSTACK_SIZE);
	for (unsigned i = 0; i < STACK_PAGES; i++)
		if (page[i] != NULL)
			page_put(page[i]);
}

static int
map(uint64_t top)
{
	pte_t *root = phys_to_virt(memory_kernel_root());

	for (uint64_t va = top - KSTACK_SIZE; va < top; va += PAGE_SIZE) {
		struct page *p = page_alloc(PAGE_ZERO);
		if (p == NULL)
			return -ENOMEM;
		spin_lock(&lock); // two stacks may need the same new table
		pte_t *entry = pagetable_make_entry(root, va);
		if (entry != NULL)
			pte_store(entry, pte_make(page_to_phys(p),
						  PTE_V | PTE_R | PTE_W | PTE_A | PTE_D | PTE_G));
		spin_unlock(&lock);
		if (entry == NULL) {
			page_put(p);
			return -ENOMEM;
		}
	}
	// Implementations may remember that an entry was invalid.
	tlb_flush_harts(UINT64_MAX, top - KSTACK_SIZE, KSTACK_SIZE);
	return 0;
}

static void
release_slot(uint64_t top)
{
	spin_lock(&lock);
	bitmap_clear(used, (top - KSTACK_BASE) / KSTACK_SLOT - 1);
	spin_unlock(&lock);
}

uint64_t
kstack_alloc(void)
{
	spin_lock(&lock);
	if (spares > 0) {
		uint64_t top = spare[--spares];
		spin_unlock(&lock);
		return top;
	}
	size_t slot = bitmap_find_clear(used, SLOTS, 0);
	if (slot < SLOTS)
		bitmap_set(used, slot);
	spin_unlock(&lock);
	if (slot == SLOTS)
		return 0;
	uint64_t top = top_of_slot(slot);
	if (map(top) != 0) {
		unmap(top);
		release_slot(top);
		return 0;
	}
	(void)poison_fill((void *)(top - KSTACK_SIZE), KSTACK_SIZE);
	return top;
}

void
kstack_free(uint64_t top)
{
	assert(top > KSTACK_BASE && (top - KSTACK_BASE) % KSTACK_SLOT == 0);
	(void)poison_fill((void *)(top - KSTACK_SIZE), KSTACK_SIZE);
	spin_lock(&lock);
	bool keep = spares < SPARES_MAX;
	if (keep)
		spare[spares++] = top;
	spin_unlock(&lock);
	if (keep)
		return;
	unmap(top);
	release_slot(top);
}

uint64_t
kstack_spare_pages(void)
{
	return __atomic_load_n(&spares, __ATOMIC_RELAXED) * STACK_PAGES;
}

uint64_t
kstack_low_water(uint64_t top)
{
	const uint64_t *p = (const uint64_t *)(top - KSTACK_SIZE);

	while ((uint64_t)p < top && *p == POISON_WORD)
		p++;
	return (uint64_t)p;
}
