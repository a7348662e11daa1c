// SPDX-License-Identifier: MIT
/*
 * Kernel stacks in slots of twice their size; the lower half of a slot is the
 * guard and is never mapped.
 *
 * Mapping and unmapping a stack needs a fence on every hart, which costs far
 * more than the stack: so both are done for several stacks with one fence, and
 * what isn't needed at once stays mapped in a list of spares.
 */
#include "mm/kstack.h"

#include "abi/errno.h"
#include "arch/hart.h"
#include "arch/pte.h"
#include "arch/tlb.h"
#include "lib/bitmap.h"
#include "lib/list.h"
#include "lib/panic.h"
#include "lock/spinlock.h"
#include "mm/memory.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "mm/poison.h"

#define SLOTS       4096
#define STACK_PAGES (KSTACK_SIZE / PAGE_SIZE)
#define BATCH       16 // stacks mapped or unmapped with one fence
#define SPARES_MAX  (2 * BATCH)

_Static_assert(SLOTS *KSTACK_SLOT <= KSTACK_AREA, "the stacks' area");

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

// Fence what was changed of n stacks on all harts.
static void
fence(const uint64_t *top, unsigned n)
{
	if (n == 1)
		tlb_flush_harts(UINT64_MAX, top[0] - KSTACK_SIZE, KSTACK_SIZE);
	else if (n > 1)
		tlb_flush_harts(UINT64_MAX, KSTACK_BASE, KSTACK_AREA);
}

// Unmap n stacks, as far as they are mapped, and free their pages and slots.
static void
unmap(const uint64_t *top, unsigned n)
{
	struct list pages = LIST_INIT(pages);
	struct list *l;

	for (unsigned i = 0; i < n; i++) {
		for (uint64_t va = top[i] - KSTACK_SIZE; va < top[i]; va += PAGE_SIZE) {
			pte_t *entry = entry_of(va);
			if (entry == NULL || !(*entry & PTE_V))
				continue;
			list_push_back(&pages, &phys_to_page(pte_paddr(*entry))->link);
			pte_store(entry, 0);
		}
	}
	fence(top, n);
	while ((l = list_pop_front(&pages)) != NULL)
		page_put(container_of(l, struct page, link));
	spin_lock(&lock);
	for (unsigned i = 0; i < n; i++)
		bitmap_clear(used, (top[i] - KSTACK_BASE) / KSTACK_SLOT - 1);
	spin_unlock(&lock);
}

// Map a stack, without the fence.
static int
map(uint64_t top, unsigned flags)
{
	pte_t *root = phys_to_virt(memory_kernel_root());

	for (uint64_t va = top - KSTACK_SIZE; va < top; va += PAGE_SIZE) {
		struct page *p = page_alloc(PAGE_ZERO | flags);
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
	return 0;
}

// A slot of the caller's own, or 0.
static uint64_t
take_slot(void)
{
	spin_lock(&lock);
	size_t slot = bitmap_find_clear(used, SLOTS, 0);
	if (slot < SLOTS)
		bitmap_set(used, slot);
	spin_unlock(&lock);
	return slot < SLOTS ? top_of_slot(slot) : 0;
}

// Map up to BATCH stacks; only for the first of them others are asked for
// memory.  Returns how many.
static unsigned
map_batch(uint64_t *top)
{
	unsigned n = 0;

	while (n < BATCH) {
		top[n] = take_slot();
		if (top[n] == 0)
			break;
		if (map(top[n], n == 0 ? 0 : PAGE_NOWAIT) != 0) {
			unmap(&top[n], 1);
			break;
		}
		(void)poison_fill((void *)(top[n] - KSTACK_SIZE), KSTACK_SIZE);
		n++;
	}
	// Implementations may remember that an entry was invalid.
	fence(top, n);
	return n;
}

// Keep n stacks as spares; returns how many of the first are too many.
static unsigned
keep(const uint64_t *top, unsigned n)
{
	spin_lock(&lock);
	while (n > 0 && spares < SPARES_MAX)
		spare[spares++] = top[--n];
	spin_unlock(&lock);
	return n;
}

uint64_t
kstack_alloc(void)
{
	uint64_t top[BATCH];

	spin_lock(&lock);
	if (spares > 0) {
		uint64_t one = spare[--spares];
		spin_unlock(&lock);
		return one;
	}
	spin_unlock(&lock);
	unsigned n = map_batch(top);
	if (n == 0)
		return 0;
	unmap(top + 1, keep(top + 1, n - 1));
	return top[0];
}

void
kstack_free(uint64_t top)
{
	uint64_t batch[BATCH] = { top };
	unsigned n = 1;

	assert(top > KSTACK_BASE && (top - KSTACK_BASE) % KSTACK_SLOT == 0);
	(void)poison_fill((void *)(top - KSTACK_SIZE), KSTACK_SIZE);
	if (keep(batch, 1) == 0)
		return;
	spin_lock(&lock);
	while (n < BATCH && spares > 0)
		batch[n++] = spare[--spares];
	spin_unlock(&lock);
	unmap(batch, n);
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
