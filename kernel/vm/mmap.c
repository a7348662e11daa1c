// SPDX-License-Identifier: MIT
/*
 * Region surgery (vm/mmap.h).
 *
 * Every operation on a range first cuts the regions at its two ends, so that it
 * then deals with whole regions only.  A cut changes nothing that a program can
 * see and may fail; what follows changes things and can't.  Neighbours that are
 * alike are joined again.
 */
#include "vm/mmap.h"

#include "abi/errno.h"
#include "arch/layout.h"
#include "lib/math.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "vm/vm_impl.h"

static struct region *
region_at(struct list *l)
{
	return container_of(l, struct region, link);
}

struct region *
region_copy(const struct region *r)
{
	struct region *copy = heap_alloc(sizeof *copy);
	if (copy == NULL)
		return NULL;
	*copy = *r;
	list_init(&copy->link);
	return copy;
}

// The first region that ends above va; the head of the list if there is none.
static struct list *
first_above(struct space *s, uaddr_t va)
{
	struct list *l;

	list_for_each(l, &s->regions)
		if (region_at(l)->end > va)
			break;
	return l;
}

static bool
is_free(struct space *s, uaddr_t start, uaddr_t end)
{
	struct list *l = first_above(s, start);
	return l == &s->regions || region_at(l)->start >= end;
}

// Cut the region that contains at in its middle, if there is one.
static int
cut(struct space *s, uaddr_t at)
{
	struct list *l = first_above(s, at);
	if (l == &s->regions || region_at(l)->start >= at)
		return 0;
	struct region *r = region_at(l);
	struct region *upper = region_copy(r);
	if (upper == NULL)
		return -ENOMEM;
	upper->start = at;
	if (r->vnode != NULL)
		upper->offset += at - r->start;
	int error = r->ops->split != NULL ? r->ops->split(r, upper, at) : 0;
	if (error != 0) {
		heap_free(upper);
		return error;
	}
	r->end = at;
	list_insert_between(&upper->link, &r->link, r->link.next);
	return 0;
}

static int
cut_both(struct space *s, uaddr_t start, uaddr_t end)
{
	int error = cut(s, start);
	return error != 0 ? error : cut(s, end);
}

static bool
alike(const struct region *a, const struct region *b)
{
	return a->end == b->start && a->ops == b->ops && a->ops == &region_anonymous &&
	       a->protection == b->protection && a->flags == b->flags &&
	       !(a->flags & (REGION_SHARED | REGION_HEAP));
}

// Join r with its neighbours where nothing tells them apart.
static void
join(struct space *s, struct region *r)
{
	struct list *next = r->link.next;
	struct list *prev = r->link.prev;

	if (next != &s->regions && alike(r, region_at(next))) {
		r->end = region_at(next)->end;
		list_remove(next);
		heap_free(region_at(next));
	}
	if (prev != &s->regions && alike(region_at(prev), r)) {
		region_at(prev)->end = r->end;
		list_remove(&r->link);
		heap_free(r);
	}
	s->hint = NULL;
}

static void
remove_region(struct space *s, struct region *r, struct gather *g)
{
	if (r->ops->unmap != NULL)
		r->ops->unmap(r, r->start, r->end);
	gather_range(g, r->start, r->end);
	if (r->ops->release != NULL)
		r->ops->release(r);
	s->mapped -= r->end - r->start;
	list_remove(&r->link);
	heap_free(r);
}

// Remove the regions in [start, end), which begin and end there.
static void
remove_range(struct space *s, uaddr_t start, uaddr_t end)
{
	struct gather g;
	struct list *l = first_above(s, start);

	gather_init(&g, s);
	while (l != &s->regions && region_at(l)->start < end) {
		struct list *next = l->next;
		remove_region(s, region_at(l), &g);
		l = next;
	}
	gather_finish(&g, start, end);
	s->hint = NULL;
}

// The highest free place for size bytes below MMAP_TOP.
static int
find_gap(struct space *s, uint64_t size, uaddr_t *start)
{
	uaddr_t top = MMAP_TOP;
	struct list *l;

	for (l = s->regions.prev; l != &s->regions; l = l->prev) {
		struct region *r = region_at(l);
		if (r->start >= MMAP_TOP)
			continue;
		if (r->end < top && top - r->end >= size)
			break;
		top = MIN(top, r->start);
	}
	if (top < MMAP_BOTTOM || top - MMAP_BOTTOM < size)
		return -ENOMEM;
	*start = top - size;
	return 0;
}

// A request that could never be served is refused at once; smaller ones are
// taken on trust, page by page.
static bool
too_much(uint64_t size)
{
	return size >> PAGE_SHIFT > page_total_count();
}

static int
place(struct space *s, const struct map_request *q, uint64_t size, uaddr_t *start)
{
	uaddr_t wish = align_down(q->address, PAGE_SIZE);
	bool fits = wish >= USER_BOTTOM && wish < USER_TOP && size <= USER_TOP - wish;

	if (q->fixed) {
		if (q->address != wish)
			return -EINVAL;
		if (!fits)
			return -ENOMEM;
		if (q->no_replace && !is_free(s, wish, wish + size))
			return -EEXIST;
		*start = wish;
		return 0;
	}
	if (wish != 0 && fits && is_free(s, wish, wish + size)) {
		*start = wish;
		return 0;
	}
	return find_gap(s, size, start);
}

static void
insert(struct space *s, struct region *r)
{
	list_insert_before(first_above(s, r->start), &r->link);
	s->mapped += r->end - r->start;
	join(s, r);
}

// The lock is held.
static int
map_locked(struct space *s, const struct map_request *q, uint64_t size, struct region *r)
{
	uaddr_t start = 0;

	int error = place(s, q, size, &start);
	if (error == 0 && q->fixed)
		error = cut_both(s, start, start + size);
	if (error != 0)
		return error;
	if (q->fixed)
		remove_range(s, start, start + size);
	*r = (struct region){
		.space = s,
		.start = start,
		.end = start + size,
		.protection = q->protection & PTE_W ? q->protection | PTE_R : q->protection,
		.flags = q->flags,
		.ops = q->ops,
		.vnode = q->vnode,
		.offset = q->offset,
		.data = q->data,
	};
	insert(s, r);
	return 0;
}

int
mmap_map(struct space *s, const struct map_request *q, uaddr_t *address)
{
	uint64_t size = align_up(q->size, PAGE_SIZE);

	if (q->size == 0)
		return -EINVAL;
	if (size == 0 || size >= USER_TOP || (q->ops == &region_anonymous && too_much(size)))
		return -ENOMEM;
	struct region *r = heap_alloc(sizeof *r);
	if (r == NULL)
		return -ENOMEM;
	mutex_lock(&s->lock);
	int error = map_locked(s, q, size, r);
	if (error == 0)
		*address = r->start;
	mutex_unlock(&s->lock);
	if (error != 0)
		heap_free(r);
	return error;
}

// Check a range that a program gave; *end gets its page-aligned end.
static int
check_range(uaddr_t start, uint64_t size, uaddr_t *end)
{
	if (start % PAGE_SIZE != 0 || start >= USER_TOP || size > USER_TOP - start)
		return -EINVAL;
	*end = start + align_up(size, PAGE_SIZE);
	return 0;
}

int
mmap_unmap(struct space *s, uaddr_t start, uint64_t size)
{
	uaddr_t end;

	int error = check_range(start, size, &end);
	if (error != 0 || size == 0)
		return -EINVAL;
	mutex_lock(&s->lock);
	error = cut_both(s, start, end);
	if (error == 0)
		remove_range(s, start, end);
	mutex_unlock(&s->lock);
	return error;
}

static bool
all_mapped(struct space *s, uaddr_t start, uaddr_t end)
{
	struct list *l = first_above(s, start);

	for (; start < end; l = l->next) {
		if (l == &s->regions || region_at(l)->start > start)
			return false;
		start = region_at(l)->end;
	}
	return true;
}

// A present page gets the region's rights, but never the right to write: the
// next store finds out whether the page is shared (vm/cow.h).
static void
restrict_entry(void *arg, uaddr_t va, pte_t *entry)
{
	const struct region *r = arg;
	pte_t pte = pte_load(entry);
	uint64_t keep = pte & (PTE_V | PTE_U | PTE_A | PTE_D | PTE_COW);

	(void)va;
	if (r->protection == 0) // no right at all is a table's mark: keep R, drop U
		pte_store(entry, pte_make(pte_paddr(pte), (keep & ~PTE_U) | PTE_R));
	else
		pte_store(entry, pte_make(pte_paddr(pte), keep | PTE_U | (r->protection & ~PTE_W)));
}

static void
protect_range(struct space *s, uaddr_t start, uaddr_t end, uint32_t protection)
{
	struct list *l = first_above(s, start);

	while (l != &s->regions && region_at(l)->start < end) {
		struct region *r = region_at(l);
		l = l->next;
		r->protection = protection;
		pagetable_for_each(s->root, r->start, r->end, restrict_entry, r);
	}
	space_flush(s, start, end);
	for (l = first_above(s, start); l != &s->regions && region_at(l)->start < end;) {
		struct list *next = l->next;
		struct region *r = region_at(l);
		bool last = next == &s->regions;
		uaddr_t after = r->end;
		join(s, r);
		l = last ? &s->regions : first_above(s, after);
	}
}

int
mmap_protect(struct space *s, uaddr_t start, uint64_t size, uint32_t protection)
{
	uaddr_t end;

	int error = check_range(start, size, &end);
	if (error != 0 || size == 0)
		return error;
	mutex_lock(&s->lock);
	error = all_mapped(s, start, end) ? cut_both(s, start, end) : -ENOMEM;
	if (error == 0)
		protect_range(s, start, end,
			      protection & PTE_W ? protection | PTE_R : protection);
	mutex_unlock(&s->lock);
	return error;
}

// Make the heap's region end at end, which lies above its start.
static int
grow_heap(struct space *s, uaddr_t old_end, uaddr_t end)
{
	struct region *heap = old_end > s->brk_start ? space_find(s, old_end - 1) : NULL;

	if (end > USER_TOP || !is_free(s, old_end, end) || too_much(end - s->brk_start))
		return -ENOMEM;
	if (heap != NULL && (heap->flags & REGION_HEAP)) {
		heap->end = end;
		s->mapped += end - old_end;
		return 0;
	}
	struct region *r = heap_alloc(sizeof *r);
	if (r == NULL)
		return -ENOMEM;
	*r = (struct region){
		.space = s,
		.start = old_end,
		.end = end,
		.protection = PTE_R | PTE_W,
		.flags = REGION_HEAP,
		.ops = &region_anonymous,
	};
	insert(s, r);
	return 0;
}

uaddr_t
mmap_brk(struct space *s, uaddr_t want)
{
	int error = 0;

	mutex_lock(&s->lock);
	uaddr_t old_end = align_up(s->brk, PAGE_SIZE);
	if (want >= s->brk_start && want < USER_TOP) {
		uaddr_t end = align_up(want, PAGE_SIZE);
		if (end > old_end)
			error = grow_heap(s, old_end, end);
		else if (end < old_end && (error = cut_both(s, end, old_end)) == 0)
			remove_range(s, end, old_end);
		if (error == 0)
			s->brk = want;
	}
	uaddr_t now = s->brk;
	mutex_unlock(&s->lock);
	return now;
}

void
mmap_clear(struct space *s)
{
	mutex_lock(&s->lock);
	remove_range(s, 0, USER_TOP);
	mutex_unlock(&s->lock);
}
