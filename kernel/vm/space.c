// SPDX-License-Identifier: MIT
/*
 * Address spaces: their life, which harts have them, fences.
 *
 * A hart loads a space's root when it switches to a thread of that space, and
 * keeps it when it switches to a kernel thread, which doesn't care: coming back
 * then costs nothing.  So:
 *
 *   1. space->harts has the bit of every hart that has the root loaded; it is
 *      set before the load and cleared after the next root's load, whose fence
 *      forgets the old translations.
 *   2. Fences go to the harts in that set, so a stale translation is never used
 *      by a hart that comes back to a space that it had kept.
 *   3. A space whose last reference is put may still be loaded somewhere.  Its
 *      user half is emptied at once; root and struct are left to the last hart
 *      that lets go, which sees the bit DEAD.
 */
#include "vm/space.h"

#include "abi/errno.h"
#include "arch/icache.h"
#include "arch/layout.h"
#include "arch/tlb.h"
#include "lib/kstat.h"
#include "lib/panic.h"
#include "mm/heap.h"
#include "mm/memory.h"
#include "mm/pagetable.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "vm/cow.h"
#include "vm/mmap.h"

#define DEAD (UINT64_C(1) << 63)

_Static_assert(HART_MAX < 63, "struct space.harts");

static struct lock_class space_class = LOCK_CLASS("space", RANK_SPACE);

// What each hart has loaded; NULL: the kernel's own table.  [the hart itself,
// interrupts off]
static struct space *loaded[HART_MAX];

// Spaces of rule 3. [atomic]
static uint64_t lingering;

struct space *
space_alloc(void)
{
	struct space *s = heap_zalloc(sizeof(*s));
	if (s == NULL)
		return NULL;
	s->root = pagetable_alloc();
	if (s->root == NULL) {
		heap_free(s);
		return NULL;
	}
	mutex_init(&s->lock, &space_class);
	list_init(&s->regions);
	s->refs = 1;
	return s;
}

void
space_get(struct space *s)
{
	__atomic_fetch_add(&s->refs, 1, __ATOMIC_RELAXED);
}

// Nobody has it loaded any more.  Any context.
static void
free_shell(struct space *s)
{
	pagetable_free(s->root);
	heap_free(s);
	__atomic_fetch_sub(&lingering, 1, __ATOMIC_RELAXED);
}

void
space_put(struct space *s)
{
	if (__atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	mmap_clear(s);
	__atomic_fetch_add(&lingering, 1, __ATOMIC_RELAXED);
	if (__atomic_fetch_or(&s->harts, DEAD, __ATOMIC_SEQ_CST) == 0)
		free_shell(s);
}

uint64_t
space_lingering_pages(void)
{
	return __atomic_load_n(&lingering, __ATOMIC_RELAXED); // a root each
}

// Make this hart use s.  Interrupts off.
static void
load(struct space *s)
{
	unsigned me = this_hart()->index;
	uint64_t bit = UINT64_C(1) << me;
	struct space *old = loaded[me];

	if (s == old)
		return;
	if (s != NULL)
		__atomic_fetch_or(&s->harts, bit, __ATOMIC_SEQ_CST);
	loaded[me] = s;
	tlb_switch_root(s != NULL ? virt_to_phys(s->root) : memory_kernel_root());
	if (old != NULL && __atomic_and_fetch(&old->harts, ~bit, __ATOMIC_SEQ_CST) == DEAD)
		free_shell(old);
}

static void
follow_switch(struct thread *from, struct thread *to)
{
	(void)from;
	if (to->space != NULL) {
		load(to->space);
		icache_follow();
	}
}

void
vm_init(void)
{
	sched_set_switch_hook(follow_switch);
}

struct space *
space_current(void)
{
	return thread_current()->space;
}

struct space *
space_set_current(struct space *s)
{
	struct thread *t = thread_current();

	intr_push();
	struct space *old = t->space;
	t->space = s;
	load(s);
	intr_pop();
	return old;
}

void
space_set_thread(struct thread *t, struct space *s)
{
	t->space = s;
}

void
space_flush(struct space *s, uaddr_t start, uaddr_t end)
{
	// The entries that changed are seen before the set is read: a hart that
	// is not in it yet will load the root after that, and read the new ones.
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	uint64_t harts = __atomic_load_n(&s->harts, __ATOMIC_SEQ_CST) & ~DEAD;
	if (harts == 0)
		return;
	intr_push();
	uint64_t me = UINT64_C(1) << this_hart()->index;
	if (harts & me)
		kstat_inc(KSTAT_TLB_LOCAL);
	if (harts & ~me)
		kstat_inc(KSTAT_TLB_REMOTE);
	tlb_flush_harts(harts, start, end - start);
	intr_pop();
}

struct region *
space_find(struct space *s, uaddr_t va)
{
	struct region *r = s->hint;
	struct list *l;

	if (r != NULL && va >= r->start && va < r->end)
		return r;
	list_for_each(l, &s->regions) {
		r = container_of(l, struct region, link);
		if (va < r->start)
			return NULL;
		if (va < r->end) {
			s->hint = r;
			return r;
		}
	}
	return NULL;
}

void
space_for_each_region(struct space *s, void (*fn)(void *arg, const struct region *r), void *arg)
{
	struct list *l;

	mutex_lock(&s->lock);
	list_for_each(l, &s->regions)
		fn(arg, container_of(l, struct region, link));
	mutex_unlock(&s->lock);
}

// Copy one region and its pages.  Both locks are held.
static int
fork_region(struct region *r, struct space *child)
{
	struct region *copy = region_copy(r);
	if (copy == NULL)
		return -ENOMEM;
	copy->space = child;
	int error = r->ops->fork != NULL ? r->ops->fork(r, copy) : 0;
	if (error != 0) {
		heap_free(copy);
		return error;
	}
	list_push_back(&child->regions, &copy->link);
	child->mapped += copy->end - copy->start;
	return cow_fork(r, copy);
}

static int
fork_regions(struct space *parent, struct space *child)
{
	struct list *l;

	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->stack_limit = parent->stack_limit;
	list_for_each(l, &parent->regions) {
		struct region *r = container_of(l, struct region, link);
		int error = r->flags & REGION_NOFORK ? 0 : fork_region(r, child);
		if (error != 0)
			return error;
	}
	child->resident_max = child->resident;
	return 0;
}

int
space_fork(struct space *parent, struct space **out)
{
	struct space *child = space_alloc();
	if (child == NULL)
		return -ENOMEM;
	mutex_lock(&parent->lock);
	mutex_lock_nested(&child->lock);
	int error = fork_regions(parent, child);
	sched_point();
	// The parent's pages have become read-only: no hart may store to them
	// by an older translation.
	if (parent->resident != 0)
		space_flush(parent, 0, USER_TOP);
	mutex_unlock(&child->lock);
	mutex_unlock(&parent->lock);
	if (error != 0) {
		space_put(child);
		return error;
	}
	*out = child;
	return 0;
}
