// SPDX-License-Identifier: MIT
/*
 * The page allocator: a buddy system (Knuth, section 2.5) under caches of
 * single pages, one a hart.
 *
 *   1. A free block of order n starts at a multiple of 2^n pages; its first
 *      page is PAGE_FREE with that order, the others are PAGE_FREE with order
 *      NOT_FIRST.
 *   2. Two free buddies are never both in the lists: they are one block.
 *   3. A page in a hart's cache is PAGE_CACHED.  The cache is touched by its
 *      hart only, interrupts off, and moves pages in batches.
 *   4. The last RESERVE pages are given to PAGE_RESERVE callers only, so that
 *      making room (which may need a page) can always go on.
 */
#include "mm/page.h"

#include "arch/hart.h"
#include "lib/kstat.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "lock/spinlock.h"
#include "mm/mm_impl.h"
#include "mm/poison.h"
#include "mm/reclaim.h"

#define NOT_FIRST 0xff

#define CACHE_SIZE  32
#define CACHE_BATCH 16

#define RESERVE 64

/*
 *   h  its hart, interrupts off
 */
struct page_cache {
	struct page *page[CACHE_SIZE]; // [h]
	uint32_t count;                // [h], read by others
} __attribute__((aligned(64)));

static struct lock_class page_class = LOCK_CLASS("page", RANK_PAGE);
static struct spinlock lock = SPINLOCK_INIT(&page_class);
static struct list free_list[PAGE_ORDER_MAX + 1]; // [lock]
static uint64_t free_pages;                       // [lock] in free_list
static uint64_t total_pages;
static struct page_cache caches[HART_MAX];

// All pages of RAM from first_pfn on, by page frame number.
static struct page *pages;
static uint64_t first_pfn;
static uint64_t end_pfn;

static uint64_t
pfn_of(const struct page *p)
{
	return first_pfn + (uint64_t)(p - pages);
}

paddr_t
page_to_phys(const struct page *p)
{
	return pfn_of(p) << PAGE_SHIFT;
}

struct page *
phys_to_page(paddr_t pa)
{
	uint64_t pfn = pa >> PAGE_SHIFT;
	return pfn >= first_pfn && pfn < end_pfn ? &pages[pfn - first_pfn] : NULL;
}

void *
page_to_virt(const struct page *p)
{
	return phys_to_virt(page_to_phys(p));
}

struct page *
virt_to_page(const void *p)
{
	return phys_to_page(virt_to_phys(p));
}

void
page_init(struct page *array, paddr_t start, paddr_t end)
{
	pages = array;
	first_pfn = start >> PAGE_SHIFT;
	end_pfn = end >> PAGE_SHIFT;
	memset(array, 0, (end_pfn - first_pfn) * sizeof *array); // PAGE_RESERVED
	for (unsigned i = 0; i <= PAGE_ORDER_MAX; i++)
		list_init(&free_list[i]);
}

// The buddy of the block of this order at p, if it is free as a whole.
static struct page *
free_buddy(struct page *p, unsigned order)
{
	uint64_t pfn = pfn_of(p) ^ UINT64_C(1) << order;

	if (pfn < first_pfn || pfn >= end_pfn)
		return NULL;
	struct page *buddy = &pages[pfn - first_pfn];
	return buddy->state == PAGE_FREE && buddy->order == order ? buddy : NULL;
}

// Put a block into the lists, joined with its buddies.  Lock held.
static void
insert_block(struct page *p, unsigned order)
{
	struct page *buddy;

	free_pages += UINT64_C(1) << order;
	for (uint64_t i = 0; i < UINT64_C(1) << order; i++) {
		p[i].state = PAGE_FREE;
		p[i].order = NOT_FIRST;
	}
	while (order < PAGE_ORDER_MAX && (buddy = free_buddy(p, order)) != NULL) {
		list_remove(&buddy->link);
		buddy->order = NOT_FIRST;
		p = MIN(p, buddy);
		order++;
	}
	p->order = (uint8_t)order;
	list_push_front(&free_list[order], &p->link);
}

// Take a block out of the lists, cut to size.  NULL if there is none.  Lock
// held.
static struct page *
remove_block(unsigned order)
{
	unsigned from = order;

	while (from <= PAGE_ORDER_MAX && list_empty(&free_list[from]))
		from++;
	if (from > PAGE_ORDER_MAX)
		return NULL;
	struct page *p = container_of(list_pop_front(&free_list[from]), struct page, link);
	while (from > order) {
		from--;
		struct page *upper = p + (UINT64_C(1) << from);
		upper->order = (uint8_t)from;
		list_push_front(&free_list[from], &upper->link);
	}
	free_pages -= UINT64_C(1) << order;
	return p;
}

void
page_add_range(paddr_t start, paddr_t end)
{
	uint64_t pfn = align_up(start, PAGE_SIZE) >> PAGE_SHIFT;
	uint64_t stop = end >> PAGE_SHIFT;

	spin_lock(&lock);
	while (pfn < stop) {
		unsigned order = PAGE_ORDER_MAX;
		while (pfn % (UINT64_C(1) << order) != 0 || pfn + (UINT64_C(1) << order) > stop)
			order--;
		insert_block(&pages[pfn - first_pfn], order);
		total_pages += UINT64_C(1) << order;
		pfn += UINT64_C(1) << order;
	}
	spin_unlock(&lock);
}

// Move up to CACHE_BATCH pages into the hart's cache.  Interrupts off.
static void
refill(struct page_cache *c, unsigned flags)
{
	uint64_t keep = flags & PAGE_RESERVE ? 0 : RESERVE;

	spin_lock(&lock);
	while (c->count < CACHE_BATCH && free_pages > keep) {
		struct page *p = remove_block(0);
		p->state = PAGE_CACHED;
		c->page[c->count++] = p;
	}
	spin_unlock(&lock);
}

static void
drain(struct page_cache *c, uint32_t leave)
{
	spin_lock(&lock);
	while (c->count > leave)
		insert_block(c->page[--c->count], 0);
	spin_unlock(&lock);
}

static struct page *
take_single(unsigned flags)
{
	struct page *p = NULL;

	intr_push();
	struct page_cache *c = &caches[this_hart()->index];
	if (c->count == 0)
		refill(c, flags);
	if (c->count > 0)
		p = c->page[--c->count];
	intr_pop();
	return p;
}

static struct page *
take_block(unsigned order, unsigned flags)
{
	uint64_t keep = flags & PAGE_RESERVE ? 0 : RESERVE;
	struct page *p = NULL;

	if (order == 0)
		return take_single(flags);
	spin_lock(&lock);
	if (free_pages >= keep + (UINT64_C(1) << order))
		p = remove_block(order);
	spin_unlock(&lock);
	return p;
}

static bool
may_reclaim(unsigned flags)
{
	return !(flags & PAGE_NOWAIT) && spin_held_count() == 0 && intr_enabled();
}

struct page *
page_alloc_block(unsigned order, unsigned flags)
{
	uint64_t count = UINT64_C(1) << order;
	struct page *p = take_block(order, flags);

	while (p == NULL && may_reclaim(flags) && reclaim_pages(MAX(count, CACHE_BATCH)) > 0)
		p = take_block(order, flags);
	if (p == NULL) {
		kstat_inc(KSTAT_PAGE_FAILURES);
		return NULL;
	}
	for (uint64_t i = 0; i < count; i++) {
		poison_check(page_to_virt(&p[i]), PAGE_SIZE, p[i].kind == PAGE_KIND_POISONED);
		p[i].state = PAGE_USED;
		p[i].kind = 0;
		p[i].owner = NULL;
		p[i].refs = 1;
		list_init(&p[i].link);
	}
	kstat_add(KSTAT_PAGES_ALLOCATED, count);
	if (flags & PAGE_ZERO) {
		memset(page_to_virt(p), 0, count * PAGE_SIZE);
		kstat_add(KSTAT_PAGES_ZEROED, count);
	}
	return p;
}

struct page *
page_alloc(unsigned flags)
{
	return page_alloc_block(0, flags);
}

_Noreturn static __attribute__((noinline, cold)) void
not_used(const struct page *p, const char *what)
{
	panic("page %#lx: %s, but it is not allocated", page_to_phys(p), what);
}

static inline void
check_used(const struct page *p, const char *what)
{
	if (__builtin_expect(p->state != PAGE_USED || p->refs == 0, 0))
		not_used(p, what);
}

void
page_get(struct page *p)
{
	check_used(p, "a reference is taken");
	__atomic_fetch_add(&p->refs, 1, __ATOMIC_RELAXED);
}

// Put a page without references into the hart's cache.
static void
free_single(struct page *p)
{
	intr_push();
	struct page_cache *c = &caches[this_hart()->index];
	if (c->count == CACHE_SIZE)
		drain(c, CACHE_SIZE - CACHE_BATCH);
	p->state = PAGE_CACHED;
	c->page[c->count++] = p;
	intr_pop();
}

static __attribute__((noinline)) void
free_page(struct page *p)
{
	kstat_inc(KSTAT_PAGES_FREED);
	p->kind = poison_fill(page_to_virt(p), PAGE_SIZE) ? PAGE_KIND_POISONED : 0;
	free_single(p);
}

void
page_put(struct page *p)
{
	check_used(p, "a reference is given back");
	if (__atomic_sub_fetch(&p->refs, 1, __ATOMIC_ACQ_REL) == 0)
		free_page(p);
}

void
page_put_block(struct page *p, unsigned order)
{
	for (uint64_t i = 0; i < UINT64_C(1) << order; i++)
		page_put(&p[i]);
}

uint32_t
page_refs(const struct page *p)
{
	return __atomic_load_n(&p->refs, __ATOMIC_ACQUIRE);
}

uint64_t
page_free_count(void)
{
	uint64_t n = __atomic_load_n(&free_pages, __ATOMIC_RELAXED);

	for (unsigned i = 0; i < HART_MAX; i++)
		n += __atomic_load_n(&caches[i].count, __ATOMIC_RELAXED);
	return n;
}

uint64_t
page_total_count(void)
{
	return total_pages;
}

void
page_drain_cache(void)
{
	intr_push();
	drain(&caches[this_hart()->index], 0);
	intr_pop();
}
