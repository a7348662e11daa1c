// SPDX-License-Identifier: MIT
/*
 * Region surgery (vm/mmap.h).
 *
 * Every operation on a range first cuts the regions at its two ends, so that it
 * then deals with whole regions only.
 *
 *   1. A cut changes nothing that a program can see, and may fail; what comes
 *      after the cuts changes things, and can't.  So an operation that fails
 *      has changed nothing.
 *   2. Neighbours that nothing tells apart are one region.  So the list stays
 *      as short as it can be, and a failed operation leaves no cut behind.
 *   3. Regions don't overlap, and cover whole pages of the user half.
 *   4. s->hint is a region of the list or NULL: whoever frees a region clears
 *      it.
 */
#include "vm/mmap.h"

#include "abi/errno.h"
#include "arch/layout.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "vm/entry.h"
#include "vm/gather.h"
#include "vm/vm_impl.h"

static struct region *
region_at(struct list *l)
{
	return container_of(l, struct region, link);
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

// ---- Cutting and joining -----------------------------------------------------

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

static bool
alike(const struct region *a, const struct region *b)
{
	if (a->end != b->start || a->ops != b->ops || a->protection != b->protection ||
	    a->flags != b->flags || a->vnode != b->vnode || a->data != b->data)
		return false;
	// Without pages of its own to point at, an offset means nothing.
	if (a->vnode == NULL && a->data == NULL)
		return true;
	return b->offset - a->offset == a->end - a->start;
}

// Join what is alike, from the region before start to the one after end.
static void
join_range(struct space *s, uaddr_t start, uaddr_t end)
{
	struct list *l = first_above(s, start - 1);

	while (l != &s->regions && l->next != &s->regions && region_at(l)->end <= end) {
		struct region *next = region_at(l->next);
		if (!alike(region_at(l), next)) {
			l = l->next;
			continue;
		}
		region_at(l)->end = next->end;
		list_remove(&next->link);
		region_free(next);
		s->hint = NULL;
	}
}

static int
cut_both(struct space *s, uaddr_t start, uaddr_t end)
{
	int error = cut(s, start);

	if (error == 0)
		error = cut(s, end);
	if (error != 0)
		join_range(s, start, start);
	return error;
}

// ---- Removing ----------------------------------------------------------------

// Remove the regions in [start, end), which begin and end there.
static void
remove_range(struct space *s, uaddr_t start, uaddr_t end)
{
	struct list *l = first_above(s, start);
	struct gather g;

	gather_begin(&g, s);
	s->hint = NULL;
	while (l != &s->regions && region_at(l)->start < end) {
		struct region *r = region_at(l);
		l = l->next;
		if (r->ops->unmap != NULL)
			r->ops->unmap(r, r->start, r->end);
		gather_range(&g, r->start, r->end);
		s->mapped -= r->end - r->start;
		list_remove(&r->link);
		region_free(r);
	}
	uaddr_t floor = l->prev == &s->regions ? 0 : region_at(l->prev)->end;
	uaddr_t ceiling = l == &s->regions ? USER_TOP : region_at(l)->start;
	gather_tables(&g, start, end, floor, ceiling);
	gather_end(&g);
}

// Check a range that a program gave; *end gets its page-aligned end.
static int
check_range(uaddr_t start, uint64_t size, uaddr_t *end)
{
	if (start % PAGE_SIZE != 0 || start > USER_TOP || size > USER_TOP - start)
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

void
mmap_clear(struct space *s)
{
	mutex_lock(&s->lock);
	remove_range(s, 0, USER_TOP);
	mutex_unlock(&s->lock);
}

// ---- Making ------------------------------------------------------------------

// Where r's neighbours below must end: a stack keeps its gap.
static uaddr_t
floor_of(const struct region *r)
{
	if (!(r->flags & REGION_STACK))
		return r->start;
	return r->start - MIN(r->start, STACK_GAP);
}

// Whether nothing is in [start, end), nor keeps it free.
static bool
is_free(struct space *s, uaddr_t start, uaddr_t end)
{
	struct list *l = first_above(s, start);

	return l == &s->regions || floor_of(region_at(l)) >= end;
}

// The highest free place for size bytes below MMAP_TOP.
static int
find_gap(struct space *s, uint64_t size, uaddr_t *start)
{
	uaddr_t top = MMAP_TOP;
	struct list *l;

	for (l = s->regions.prev; l != &s->regions; l = l->prev) {
		const struct region *r = region_at(l);
		if (r->end < top && top - r->end >= size)
			break;
		top = MIN(top, floor_of(r));
	}
	if (top < MMAP_BOTTOM || top - MMAP_BOTTOM < size)
		return -ENOMEM;
	*start = top - size;
	return 0;
}

// More private memory than the machine has could never be used; less is taken
// on trust, page by page.
static bool
too_much(uint64_t size)
{
	return size >> PAGE_SHIFT > page_total_count();
}

static int
place_fixed(struct space *s, const struct map_request *q, uint64_t size)
{
	struct list *l = first_above(s, q->address);

	if (q->address % PAGE_SIZE != 0)
		return -EINVAL;
	if (q->address < USER_BOTTOM)
		return -EPERM;
	if (q->address > USER_TOP || size > USER_TOP - q->address)
		return -ENOMEM;
	if (q->no_replace && l != &s->regions && region_at(l)->start < q->address + size)
		return -EEXIST;
	return cut_both(s, q->address, q->address + size);
}

static int
place(struct space *s, const struct map_request *q, uint64_t size, uaddr_t *start)
{
	uaddr_t wish = align_down(q->address, PAGE_SIZE);

	if (wish >= USER_BOTTOM && wish < USER_TOP && size <= USER_TOP - wish &&
	    is_free(s, wish, wish + size)) {
		*start = wish;
		return 0;
	}
	return find_gap(s, size, start);
}

// RISC-V has no right to write without the right to read.
static uint32_t
possible(uint32_t protection)
{
	return protection & PTE_W ? protection | PTE_R : protection;
}

// Put a region into its place, where nothing is.
static void
insert(struct space *s, struct region *r)
{
	s->mapped += r->end - r->start;
	list_insert_before(first_above(s, r->start), &r->link);
	join_range(s, r->start, r->end);
}

// Make r what was asked for.  It may be gone afterwards, joined to another.
static int
map_locked(struct space *s, const struct map_request *q, uint64_t size, struct region *r,
	   uaddr_t *address)
{
	uaddr_t start = q->address;

	int error = q->fixed ? place_fixed(s, q, size) : place(s, q, size, &start);
	if (error != 0)
		return error;
	if (q->fixed)
		remove_range(s, start, start + size);
	*r = (struct region){
		.space = s,
		.start = start,
		.end = start + size,
		.protection = possible(q->protection),
		.flags = q->flags,
		.ops = q->ops,
		.vnode = q->vnode,
		.offset = q->offset,
		.data = q->data,
	};
	*address = start;
	insert(s, r);
	return 0;
}

int
mmap_map(struct space *s, const struct map_request *q, uaddr_t *address)
{
	uint64_t size = align_up(q->size, PAGE_SIZE);

	if (q->size == 0)
		return -EINVAL;
	if (size == 0 || size > USER_TOP - USER_BOTTOM)
		return -ENOMEM;
	if (q->ops == &region_anonymous && (q->protection & PTE_W) && too_much(size))
		return -ENOMEM;
	struct region *r = heap_alloc(sizeof(*r));
	if (r == NULL)
		return -ENOMEM;
	mutex_lock(&s->lock);
	int error = map_locked(s, q, size, r, address);
	mutex_unlock(&s->lock);
	if (error != 0)
		heap_free(r);
	return error;
}

// ---- Changing rights ---------------------------------------------------------

// An entry gets its region's rights.  It keeps the right to write, but doesn't
// get it where it may be that others see the page: the next store finds that out
// (vm/cow.h).
static void
protect_run(void *arg, uaddr_t va, pte_t *entry, unsigned count)
{
	const struct region *r = arg;

	(void)va;
	for (; count > 0; count--, entry++) {
		pte_t pte = pte_load(entry);
		if (pte == 0)
			continue;
		uint64_t flags = entry_flags(r) | (pte & PTE_COW);
		if (!(r->flags & REGION_SHARED) && !(pte & PTE_W))
			flags &= ~PTE_W;
		entry_change(entry, pte_make(pte_paddr(pte), flags));
	}
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

static void
protect_range(struct space *s, uaddr_t start, uaddr_t end, uint32_t protection)
{
	struct list *l = first_above(s, start);
	bool lost = false;

	for (; l != &s->regions && region_at(l)->start < end; l = l->next) {
		struct region *r = region_at(l);
		if (r->protection == protection)
			continue;
		lost = lost || (r->protection & ~protection) != 0;
		r->protection = protection;
		pagetable_for_each_run(s->root, r->start, r->end, protect_run, r);
	}
	if (lost)
		space_flush(s, start, end);
	join_range(s, start, end);
}

int
mmap_protect(struct space *s, uaddr_t start, uint64_t size, uint32_t protection)
{
	uaddr_t end;

	if (start % PAGE_SIZE != 0)
		return -EINVAL;
	if (size == 0)
		return 0;
	if (check_range(start, size, &end) != 0)
		return -ENOMEM;
	mutex_lock(&s->lock);
	int error = all_mapped(s, start, end) ? cut_both(s, start, end) : -ENOMEM;
	if (error == 0)
		protect_range(s, start, end, possible(protection));
	mutex_unlock(&s->lock);
	return error;
}

// ---- The heap ----------------------------------------------------------------

// Make the heap end at end, not at old_end.
static int
grow_heap(struct space *s, uaddr_t old_end, uaddr_t end)
{
	if (!is_free(s, old_end, end) || too_much(end - s->brk_start))
		return -ENOMEM;
	struct region *r = heap_alloc(sizeof(*r));
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
	insert(s, r); // joins it to the heap
	return 0;
}

static int
shrink_heap(struct space *s, uaddr_t old_end, uaddr_t end)
{
	int error = cut_both(s, end, old_end);

	if (error == 0)
		remove_range(s, end, old_end);
	return error;
}

uaddr_t
mmap_brk(struct space *s, uaddr_t want)
{
	mutex_lock(&s->lock);
	if (want >= s->brk_start && want <= USER_TOP) {
		uaddr_t old_end = align_up(s->brk, PAGE_SIZE);
		uaddr_t end = align_up(want, PAGE_SIZE);
		int error = 0;
		if (end > old_end)
			error = grow_heap(s, old_end, end);
		else if (end < old_end)
			error = shrink_heap(s, old_end, end);
		if (error == 0)
			s->brk = want;
	}
	uaddr_t now = s->brk;
	mutex_unlock(&s->lock);
	return now;
}
