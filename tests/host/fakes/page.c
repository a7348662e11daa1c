// SPDX-License-Identifier: MIT
/*
 * Pages from an arena.  Pages are given out in turn and taken up again as late
 * as possible, so that a stale pointer meets poison and not another's page.
 */
#include "mm/page.h"

#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/failure_impl.h"
#include "fakes/fake.h"

#define ARENA_PAGES 16384 // 64 MiB

static struct page pages[ARENA_PAGES];
static unsigned char *arena;
static size_t next; // where the search for a free page begins
static uint64_t used;
static struct failure failure;

static void
begin(void)
{
	if (arena != NULL)
		return;
	arena = aligned_alloc(PAGE_SIZE, ARENA_PAGES * PAGE_SIZE);
	CHECK(arena != NULL);
	__asan_poison_memory_region(arena, ARENA_PAGES * PAGE_SIZE);
}

static bool
run_is_free(size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (pages[i].refs != 0)
			return false;
	return true;
}

static struct page *
take(size_t first, size_t count, unsigned flags)
{
	unsigned char *bytes = arena + first * PAGE_SIZE;

	__asan_unpoison_memory_region(bytes, count * PAGE_SIZE);
	memset(bytes, flags & PAGE_ZERO ? 0 : 0xa5, count * PAGE_SIZE);
	for (size_t i = first; i < first + count; i++)
		pages[i] = (struct page){ .refs = 1, .state = PAGE_USED };
	used += count;
	next = first + count;
	return &pages[first];
}

struct page *
page_alloc_block(unsigned order, unsigned flags)
{
	size_t count = (size_t)1 << order;

	begin();
	if (failure_now(&failure))
		return NULL;
	for (size_t tries = 0; tries <= ARENA_PAGES / count; tries++) {
		size_t first = (next + count - 1) & ~(count - 1);
		if (first + count > ARENA_PAGES)
			first = 0;
		if (run_is_free(first, count))
			return take(first, count, flags);
		next = first + count;
	}
	return NULL;
}

struct page *
page_alloc(unsigned flags)
{
	return page_alloc_block(0, flags);
}

void
page_get(struct page *p)
{
	CHECK(p->refs > 0);
	p->refs++;
}

void
page_put(struct page *p)
{
	CHECK(p->refs > 0);
	if (--p->refs > 0)
		return;
	p->state = PAGE_FREE;
	used--;
	__asan_poison_memory_region(page_to_virt(p), PAGE_SIZE);
}

void
page_put_block(struct page *p, unsigned order)
{
	for (size_t i = 0; i < (size_t)1 << order; i++)
		page_put(p + i);
}

uint32_t
page_refs(const struct page *p)
{
	return p->refs;
}

void *
page_to_virt(const struct page *p)
{
	return arena + (size_t)(p - pages) * PAGE_SIZE;
}

struct page *
virt_to_page(const void *p)
{
	size_t offset = (size_t)((const unsigned char *)p - arena);

	return arena != NULL && offset < ARENA_PAGES * PAGE_SIZE ? &pages[offset / PAGE_SIZE]
								 : NULL;
}

paddr_t
page_to_phys(const struct page *p)
{
	return virt_to_phys(page_to_virt(p));
}

struct page *
phys_to_page(paddr_t pa)
{
	return virt_to_page(phys_to_virt(pa));
}

uint64_t
page_free_count(void)
{
	return ARENA_PAGES - used;
}

uint64_t
page_total_count(void)
{
	return ARENA_PAGES;
}

void
page_drain_cache(void)
{
}

uint64_t
fake_pages_used(void)
{
	return used;
}

void
fake_pages_fail(uint64_t n)
{
	failure_set(&failure, n, false);
}

void
fake_pages_fail_all(uint64_t n)
{
	failure_set(&failure, n, true);
}

uint64_t
fake_pages_asked(void)
{
	return failure.asked;
}
