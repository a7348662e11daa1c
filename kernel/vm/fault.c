// SPDX-License-Identifier: MIT
/*
 * Page faults of programs, and of user copies on their behalf.
 */
#include "abi/errno.h"
#include "arch/layout.h"
#include "arch/tlb.h"
#include "lib/kstat.h"
#include "lib/math.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "vm/cow.h"
#include "vm/vm_impl.h"

static uint64_t
right_for(enum fault_access access)
{
	switch (access) {
	case FAULT_WRITE:
		return PTE_W;
	case FAULT_EXEC:
		return PTE_X;
	default:
		return PTE_R;
	}
}

uint64_t
region_entry_flags(const struct region *r)
{
	uint64_t flags = PTE_V | PTE_U | PTE_A | r->protection;
	return r->protection & PTE_W ? flags | PTE_D : flags;
}

// The region that a fault below a stack makes grow, or NULL: within the
// stack's limit, and not near what lies below.
static struct region *
grow_stack(struct space *s, uaddr_t va)
{
	uaddr_t below = 0;
	struct list *l;

	list_for_each(l, &s->regions) {
		struct region *r = container_of(l, struct region, link);
		if (r->start <= va) {
			below = r->end;
			continue;
		}
		if (!(r->flags & REGION_STACK) || r->end - va > s->stack_limit ||
		    va < below + STACK_GAP)
			return NULL;
		s->mapped += r->start - va;
		r->start = va;
		return r;
	}
	return NULL;
}

// An entry is there and may be used.  This hart remembered less, or the
// machine wants bits A and D set by software (Svade).
static int
spurious(pte_t *entry, uaddr_t va, enum fault_access access)
{
	pte_t pte = pte_load(entry);

	pte_store(entry, pte | PTE_A | (access == FAULT_WRITE ? PTE_D : 0));
	tlb_flush_local(va, PAGE_SIZE);
	kstat_inc(KSTAT_FAULTS_SPURIOUS);
	return 0;
}

// Make an absent page present.
static int
bring_in(struct region *r, pte_t *entry, uaddr_t va, enum fault_access access)
{
	struct page *page;
	uint64_t more = 0;

	int error = r->ops->fault(r, va, access, &page, &more);
	if (error != 0)
		return error == -EFAULT ? -ENXIO : error;
	uint64_t flags = region_entry_flags(r) | more;
	if (more & PTE_COW)
		flags &= ~(PTE_W | PTE_D);
	pte_store(entry, pte_make(page_to_phys(page), flags));
	r->space->resident++;
	r->space->resident_max = MAX(r->space->resident_max, r->space->resident);
	kstat_inc(KSTAT_FAULTS_MINOR);
	return 0;
}

// A page that came in shared and is stored to is copied at once.
static int
serve(struct region *r, uaddr_t va, enum fault_access access)
{
	pte_t *entry = pagetable_make_entry(r->space->root, va);
	if (entry == NULL)
		return -ENOMEM;
	if (!(pte_load(entry) & PTE_V)) {
		int error = bring_in(r, entry, va, access);
		if (error != 0 || pte_load(entry) & right_for(access))
			return error;
	}
	if (pte_load(entry) & right_for(access))
		return spurious(entry, va, access);
	if (access != FAULT_WRITE)
		return -EFAULT;
	kstat_inc(KSTAT_FAULTS_COW);
	return cow_fault(r, va, entry);
}

int
space_fault(struct space *s, uaddr_t address, enum fault_access access, bool *mapped)
{
	uaddr_t va = address & ~PAGE_MASK;
	int error = -EFAULT;

	*mapped = false;
	if (address >= USER_TOP)
		return -EFAULT;
	mutex_lock(&s->lock);
	struct region *r = space_find(s, va);
	if (r == NULL)
		r = grow_stack(s, va);
	if (r != NULL) {
		*mapped = true;
		if (r->protection & right_for(access))
			error = serve(r, va, access);
	}
	mutex_unlock(&s->lock);
	return error;
}
