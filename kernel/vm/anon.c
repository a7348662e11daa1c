// SPDX-License-Identifier: MIT
/*
 * Anonymous memory: pages of zeros, made when they are first touched.
 *
 * Of private memory the entries of the page table are all that is known, so
 * there is nothing to do when a region is cut, copied or released; the pages
 * that a fork shares are vm/cow.c's.
 *
 * Shared memory (REGION_SHARED) must be the same page for all who map it, also
 * where nobody has touched it before the fork.  So such a region has an object
 * that knows its pages:
 *
 *   1. The object is made at the first fault or fork, for the region as it is
 *      then; region->offset counts from the object's start from then on.
 *   2. Every region that uses it has a reference to it, and it has one to each
 *      page, beside those of the entries.
 *   3. A page is entered by an exchange with NULL: two spaces that fault at once
 *      agree on the first.
 *   4. The object's table has two levels, each made of single pages or less, so
 *      that large objects need no large blocks.
 */
#include "abi/errno.h"
#include "lib/math.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "vm/region.h"

// Pages that one page of the table's lower level knows.
#define LEAF_PAGES (PAGE_SIZE / sizeof(struct page *))

struct leaf {
	struct page *page[LEAF_PAGES]; // [a] NULL: not touched yet
};

/*
 *   I  fixed when made
 *   a  atomic
 */
struct shared {
	uint32_t refs;       // [a]
	uint64_t leaves;     // [I]
	struct leaf *leaf[]; // [a] NULL: none of its pages was touched yet
};

// ---- Shared memory -----------------------------------------------------------

static int
make_shared(struct region *r)
{
	uint64_t leaves = div_round_up((r->end - r->start) >> PAGE_SHIFT, LEAF_PAGES);

	if (r->data != NULL)
		return 0;
	struct shared *o = heap_zalloc(sizeof(*o) + leaves * sizeof(o->leaf[0]));
	if (o == NULL)
		return -ENOMEM;
	o->refs = 1;
	o->leaves = leaves;
	r->data = o;
	r->offset = 0;
	return 0;
}

// The page of zeros that *slot shall point at from now on, or what somebody
// else has put there.  NULL: out of memory.
static struct page *
fill_slot(struct page **slot)
{
	struct page *there = NULL;
	struct page *new = page_alloc(PAGE_ZERO);

	if (new == NULL)
		return NULL;
	if (__atomic_compare_exchange_n(slot, &there, new, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return new;
	page_put(new);
	return there;
}

static struct leaf *
find_leaf(struct shared *o, uint64_t i)
{
	struct leaf *there = __atomic_load_n(&o->leaf[i], __ATOMIC_ACQUIRE);

	if (there != NULL)
		return there;
	struct page *page = page_alloc(PAGE_ZERO);
	if (page == NULL)
		return NULL;
	struct leaf *new = page_to_virt(page);
	if (__atomic_compare_exchange_n(&o->leaf[i], &there, new, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return new;
	page_put(page);
	return there;
}

static int
shared_fault(struct region *r, uaddr_t va, struct page **page)
{
	int error = make_shared(r);
	if (error != 0)
		return error;

	uint64_t index = (r->offset + (va - r->start)) >> PAGE_SHIFT;
	struct leaf *leaf = find_leaf(r->data, index / LEAF_PAGES);
	if (leaf == NULL)
		return -ENOMEM;
	struct page **slot = &leaf->page[index % LEAF_PAGES];
	*page = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
	if (*page == NULL)
		*page = fill_slot(slot);
	if (*page == NULL)
		return -ENOMEM;
	page_get(*page);
	return 0;
}

static void
get_shared(struct region *r)
{
	struct shared *o = r->data;

	if (o != NULL)
		__atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
}

static void
put_shared(struct region *r)
{
	struct shared *o = r->data;

	if (o == NULL || __atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	for (uint64_t i = 0; i < o->leaves; i++) {
		if (o->leaf[i] == NULL)
			continue;
		for (uint64_t j = 0; j < LEAF_PAGES; j++)
			if (o->leaf[i]->page[j] != NULL)
				page_put(o->leaf[i]->page[j]);
		page_put(virt_to_page(o->leaf[i]));
	}
	heap_free(o);
}

// ---- The memory type ---------------------------------------------------------

static int
anonymous_fault(struct region *r, uaddr_t va, enum fault_access access, struct page **page,
		uint64_t *flags)
{
	(void)access;
	*flags = 0;
	if (r->flags & REGION_SHARED)
		return shared_fault(r, va, page);
	*page = page_alloc(PAGE_ZERO);
	return *page != NULL ? 0 : -ENOMEM;
}

static int
anonymous_fork(struct region *parent, struct region *child)
{
	if (!(parent->flags & REGION_SHARED))
		return 0;
	int error = make_shared(parent);
	if (error != 0)
		return error;
	child->data = parent->data;
	child->offset = parent->offset;
	get_shared(child);
	return 0;
}

static int
anonymous_split(struct region *r, struct region *upper, uaddr_t at)
{
	(void)r;
	(void)at;
	get_shared(upper);
	return 0;
}

const struct region_ops region_anonymous = {
	.name = "anonymous",
	.fault = anonymous_fault,
	.fork = anonymous_fork,
	.split = anonymous_split,
	.release = put_shared,
};
