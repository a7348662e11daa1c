// SPDX-License-Identifier: MIT
/*
 * Taking pages out of a space: entry, then fence, then the page's reference.
 *
 * A page must not be given to somebody else while a hart may still reach it by
 * an old translation.  Pages are gathered up to a batch, so that a fence serves
 * many.  A space without references has no thread, so no hart uses its
 * translations, and the next root that a hart loads forgets them all: then one
 * fence at the end, for the tables, is enough.
 */
#include "arch/layout.h"
#include "lib/math.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "vm/vm_impl.h"

static void
begin_batch(struct gather *g)
{
	g->start = USER_TOP;
	g->end = 0;
	g->count = 0;
}

void
gather_init(struct gather *g, struct space *s)
{
	g->space = s;
	begin_batch(g);
}

static bool
in_use(const struct space *s)
{
	return __atomic_load_n(&s->refs, __ATOMIC_RELAXED) != 0;
}

static void
put_batch(struct gather *g)
{
	if (g->count == 0)
		return;
	if (in_use(g->space))
		space_flush(g->space, g->start, g->end);
	for (unsigned i = 0; i < g->count; i++)
		page_put(g->page[i]);
	begin_batch(g);
}

static void
take_entry(void *arg, uaddr_t va, pte_t *entry)
{
	struct gather *g = arg;

	if (g->count == GATHER_MAX)
		put_batch(g);
	g->page[g->count++] = phys_to_page(pte_paddr(*entry));
	g->start = MIN(g->start, va);
	g->end = MAX(g->end, va + PAGE_SIZE);
	pte_store(entry, 0);
	g->space->resident--;
}

void
gather_range(struct gather *g, uaddr_t start, uaddr_t end)
{
	pagetable_for_each(g->space->root, start, end, take_entry, g);
}

void
gather_finish(struct gather *g, uaddr_t start, uaddr_t end)
{
	struct list tables = LIST_INIT(tables);
	struct list *l;

	put_batch(g);
	pagetable_trim(g->space->root, start, end, &tables);
	if (!list_empty(&tables))
		space_flush(g->space, 0, USER_TOP);
	while ((l = list_pop_front(&tables)) != NULL)
		page_put(container_of(l, struct page, link));
}
