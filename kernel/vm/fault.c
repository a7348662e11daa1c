// SPDX-License-Identifier: MIT
/*
 * Page faults of programs, and of user copies on their behalf.
 *
 * What a fault means follows from the region and the entry alone, looked at
 * under the space's lock; never from what the hardware saw, which may be old by
 * then (another thread's fault, unmap or mprotect came first):
 *
 *   no region, or one without the right   the program's mistake
 *   no entry                              the memory type gives a page
 *   an entry with the right               nothing to do: try again
 *   a store, and an entry without W       the page is shared: vm/cow.c
 */
#include "abi/errno.h"
#include "arch/layout.h"
#include "arch/tlb.h"
#include "lib/kstat.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "mm/page.h"
#include "sched/sched.h"
#include "vm/cow.h"
#include "vm/entry.h"
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

// The stack that a fault below it makes grow, or NULL: within its limit, and
// not near what lies below.
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

// An entry has the right already.  This hart remembered less, or the machine
// wants A and D to be set by software (RISC-V Svade) and finds one missing.
static int
serve_spurious(uaddr_t va, pte_t *entry)
{
	pte_t pte = pte_load(entry);

	entry_change(entry, pte | PTE_A | (pte & PTE_W ? PTE_D : 0));
	tlb_flush_local(va, PAGE_SIZE);
	kstat_inc(KSTAT_FAULTS_SPURIOUS);
	return 0;
}

static int
bring_in(struct region *r, uaddr_t va, enum fault_access access, pte_t *entry)
{
	struct space *s = r->space;
	struct page *page;
	uint64_t more = 0;

	int error = r->ops->fault(r, va, access, &page, &more);
	if (error != 0)
		return error == -ENOMEM ? -ENOMEM : -ENXIO;
	uint64_t flags = entry_flags(r) | more;
	if (more & PTE_COW)
		flags &= ~PTE_W;
	entry_enter(s, entry, pte_make(page_to_phys(page), flags));
	s->resident_max = MAX(s->resident_max, s->resident);
	kstat_inc(KSTAT_FAULTS_MINOR);
	return 0;
}

static int
serve(struct region *r, uaddr_t va, enum fault_access access)
{
	pte_t *entry = pagetable_make_entry(r->space->root, va);

	if (entry == NULL)
		return -ENOMEM;
	bool absent = pte_load(entry) == 0;
	if (absent) {
		int error = bring_in(r, va, access, entry);
		if (error != 0)
			return error;
	}
	if (!(pte_load(entry) & right_for(access))) {
		// The region has the right, so only W can be missing.
		assert(access == FAULT_WRITE);
		kstat_inc(KSTAT_FAULTS_COW);
		return cow_fault(r, va, entry);
	}
	return absent ? 0 : serve_spurious(va, entry);
}

int
space_fault(struct space *s, uaddr_t address, enum fault_access access, bool *mapped)
{
	uaddr_t va = address & ~PAGE_MASK;
	int error = -EFAULT;

	*mapped = false;
	if (address >= USER_TOP)
		return -EFAULT;
	sched_point();
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
