// SPDX-License-Identifier: MIT
/*
 * Taking pages out of a space (vm/gather.h).
 *
 *   1. The first pages are noted on the caller's stack; for more, pages to note
 *      them in are taken.  If there is no memory for that, what was gathered is
 *      fenced and put early: removing memory never needs memory.
 *   2. A space without references has no thread, so no translation of its pages
 *      is ever used again, and the next root that a hart loads forgets them
 *      all.  Its pages need no fence.  Its tables do: a hart that still has the
 *      root loaded may walk them ahead of time.
 *
 * Chaining the pages themselves was rejected: a page that two spaces map may be
 * taken out of both at once, and it has one link.
 */
#include "vm/gather.h"

#include "lib/math.h"
#include "mm/page.h"
#include "sched/sched.h"
#include "vm/entry.h"

#define CHUNK_PAGES (PAGE_SIZE / sizeof(void *) - 2)

// One page of memory with the addresses of pages.
struct gather_chunk {
	struct gather_chunk *next;
	uint64_t count;
	struct page *page[CHUNK_PAGES];
};
_Static_assert(sizeof(struct gather_chunk) == PAGE_SIZE, "a chunk is a page");

static void
forget_range(struct gather *g)
{
	g->start = USER_TOP;
	g->end = 0;
}

void
gather_begin(struct gather *g, struct space *s)
{
	g->space = s;
	g->count = 0;
	g->chunks = NULL;
	list_init(&g->tables);
	forget_range(g);
}

static void
put_all(struct page *const *page, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		page_put(page[i]);
}

static void
put_tables(struct gather *g)
{
	struct list *l;

	while ((l = list_pop_front(&g->tables)) != NULL)
		page_put(container_of(l, struct page, link));
}

void
gather_end(struct gather *g)
{
	struct gather_chunk *c;

	sched_point();
	if (!list_empty(&g->tables))
		space_flush(g->space, 0, USER_TOP);
	else if (g->start < g->end)
		space_flush(g->space, g->start, g->end);
	put_all(g->few, g->count);
	while ((c = g->chunks) != NULL) {
		g->chunks = c->next;
		put_all(c->page, c->count);
		page_put(virt_to_page(c));
	}
	put_tables(g);
	g->count = 0;
	forget_range(g);
}

// A chunk with room, or NULL.
static struct gather_chunk *
chunk_with_room(struct gather *g)
{
	struct gather_chunk *c = g->chunks;

	if (c != NULL && c->count < CHUNK_PAGES)
		return c;
	struct page *p = page_alloc(PAGE_NOWAIT);
	if (p == NULL)
		return NULL;
	c = page_to_virt(p);
	c->next = g->chunks;
	c->count = 0;
	g->chunks = c;
	return c;
}

static void
note_page(struct gather *g, uaddr_t va, struct page *page)
{
	struct gather_chunk *c = NULL;

	if (g->count == GATHER_FEW) {
		c = chunk_with_room(g);
		if (c == NULL)
			gather_end(g);
	}
	if (c != NULL)
		c->page[c->count++] = page;
	else
		g->few[g->count++] = page;
	g->start = MIN(g->start, va);
	g->end = MAX(g->end, va + PAGE_SIZE);
}

// Rule 2.
static bool
needs_fence(const struct gather *g)
{
	return __atomic_load_n(&g->space->refs, __ATOMIC_RELAXED) != 0;
}

void
gather_page(struct gather *g, uaddr_t va, struct page *page)
{
	if (needs_fence(g))
		note_page(g, va, page);
	else
		page_put(page);
}

static void
take_run(void *arg, uaddr_t va, pte_t *entry, unsigned count)
{
	struct gather *g = arg;
	bool fence = needs_fence(g);

	for (; count > 0; count--, entry++, va += PAGE_SIZE) {
		pte_t pte = pte_load(entry);
		if (pte == 0)
			continue;
		struct page *page = phys_to_page(pte_paddr(pte));
		entry_clear(g->space, entry);
		if (fence)
			note_page(g, va, page);
		else
			page_put(page);
	}
}

void
gather_range(struct gather *g, uaddr_t start, uaddr_t end)
{
	pagetable_for_each_run(g->space->root, start, end, take_run, g);
}

void
gather_tables(struct gather *g, uaddr_t start, uaddr_t end, uaddr_t floor, uaddr_t ceiling)
{
	// Only tables that had entries of [start, end) are worth a look.
	for (unsigned level = PT_LEVELS - 1; level > 0; level--) {
		uaddr_t first = align_down(start, PT_SPAN(level));
		uaddr_t last = align_up(end, PT_SPAN(level));
		if (level == 1 || (first >= floor && last <= ceiling)) {
			pagetable_trim(g->space->root, MAX(first, floor), MIN(last, ceiling),
				       &g->tables);
			return;
		}
	}
}
