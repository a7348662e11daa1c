// SPDX-License-Identifier: MIT
/*
 * A machine for the tests of vm/: harts with translation buffers that forget
 * nothing unless they are told to.
 *
 *   1. A translation that was used stays until a fence, and is used again though
 *      the entry may say something else by now.
 *   2. Tables are remembered too, and walked on from (RISC-V Privileged, section
 *      4.2.1, allows both).
 *   3. Harts fetch translations that nobody asked for (machine_speculate()).
 *   4. Bits A and D are not set by the hardware: an entry without them faults.
 *
 * So a fence that is missing shows: the freed page is poisoned, and the content
 * or the right that a program meets is not what the model says.
 */
#pragma once

#include "arch/hart.h"
#include "arch/icache.h"
#include "arch/layout.h"
#include "arch/pte.h"
#include "arch/tlb.h"
#include "check.h"
#include "fakes/fake.h"
#include "lib/list.h"
#include "mm/memory.h"
#include "mm/page.h"
#include "mm/pagetable.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "vm/space.h"

#define HARTS     3
#define TLB_LINES 8192

struct tlb_line {
	uaddr_t va; // 0: none
	pte_t pte;
};

struct table_line {
	uaddr_t base; // of what the table maps
	pte_t *table; // NULL: none
};

struct machine_hart {
	pte_t *root;
	struct thread *current;
	struct thread idle; // without a space
	struct tlb_line line[TLB_LINES];
	struct table_line table[64];
};

static struct machine_hart machine[HARTS];
static unsigned machine_here; // the hart that runs the kernel now
static pte_t machine_kernel_root[PT_ENTRIES];
static void (*machine_hook)(struct thread *from, struct thread *to);
static unsigned machine_fences; // requests of fences for a set of harts

static void
machine_forget(unsigned h)
{
	for (unsigned i = 0; i < TLB_LINES; i++)
		machine[h].line[i].va = 0;
	for (unsigned i = 0; i < 64; i++)
		machine[h].table[i].table = NULL;
}

// ---- What vm/ calls ----------------------------------------------------------

void
tlb_flush_local(uint64_t address, uint64_t size)
{
	struct machine_hart *m = &machine[machine_here];

	for (unsigned i = 0; i < TLB_LINES; i++)
		if (m->line[i].va - address < size)
			m->line[i].va = 0;
	// A fence for addresses leaves tables that are remembered alone.
	if (size >= USER_TOP)
		machine_forget(machine_here);
}

void
tlb_flush_harts(uint64_t mask, uint64_t address, uint64_t size)
{
	unsigned here = machine_here;

	CHECK_EQ(mask >> HARTS, 0);
	machine_fences++;
	for (machine_here = 0; machine_here < HARTS; machine_here++)
		if (mask >> machine_here & 1)
			tlb_flush_local(address, size);
	machine_here = here;
}

void
tlb_switch_root(paddr_t root)
{
	machine[machine_here].root = phys_to_virt(root);
	machine_forget(machine_here);
}

paddr_t
memory_kernel_root(void)
{
	return virt_to_phys(machine_kernel_root);
}

void
memory_share_kernel(pte_t *root)
{
	(void)root;
}

void
icache_follow(void)
{
}

void
sched_point(void)
{
}

void
sched_set_switch_hook(void (*hook)(struct thread *from, struct thread *to))
{
	machine_hook = hook;
}

// ---- What a test does --------------------------------------------------------

// The kernel runs on hart h from now on, for the thread there.
static void
machine_go(unsigned h)
{
	machine_here = h;
	fake_set_current(&machine[h].current->arch);
	this_hart()->index = h;
}

static void
machine_init(void)
{
	for (unsigned h = 0; h < HARTS; h++) {
		machine[h].current = &machine[h].idle;
		machine[h].root = machine_kernel_root;
		machine_forget(h);
	}
	vm_init();
	machine_go(0);
}

// Hart h switches to thread t.
static void
machine_switch(unsigned h, struct thread *t)
{
	machine_go(h);
	intr_off();
	machine_hook(machine[h].current, t);
	intr_on();
	machine[h].current = t;
	machine_go(h);
}

// The lowest table for va, remembered or read now.  NULL: none.
static pte_t *
machine_table(struct machine_hart *m, uaddr_t va)
{
	uaddr_t base = va & ~(PT_SPAN(1) - 1);
	struct table_line *line = &m->table[base / PT_SPAN(1) % 64];

	if (line->table != NULL && line->base == base)
		return line->table;
	pte_t *table = m->root;
	for (unsigned level = PT_LEVELS - 1; level > 0; level--) {
		pte_t pte = table[PT_INDEX(va, level)];
		if (!(pte & PTE_V))
			return NULL;
		CHECK((pte & PTE_LEAF) == 0);
		table = phys_to_virt(pte_paddr(pte));
	}
	*line = (struct table_line){ base, table };
	return table;
}

// The translation that hart h uses for va; 0: none.
static pte_t
machine_translate(unsigned h, uaddr_t va)
{
	struct machine_hart *m = &machine[h];
	struct tlb_line *line = &m->line[(va >> PAGE_SHIFT) % TLB_LINES];

	if (line->va == va)
		return line->pte;
	pte_t *table = machine_table(m, va);
	if (table == NULL)
		return 0;
	pte_t pte = table[PT_INDEX(va, 0)];
	if (!(pte & PTE_V) || !(pte & PTE_A))
		return 0;
	*line = (struct tlb_line){ va, pte };
	return pte;
}

static bool
machine_permits(pte_t pte, enum fault_access access)
{
	static const uint64_t need[] = {
		[FAULT_READ] = PTE_V | PTE_U | PTE_R | PTE_A,
		[FAULT_WRITE] = PTE_V | PTE_U | PTE_R | PTE_W | PTE_A | PTE_D,
		[FAULT_EXEC] = PTE_V | PTE_U | PTE_X | PTE_A,
	};

	return (pte & need[access]) == need[access];
}

// The thread on hart h touches the word at va: *p points at it, or the fault's
// error is returned.
static int
machine_access(unsigned h, uaddr_t va, enum fault_access access, uint64_t **p)
{
	uaddr_t page = va & ~PAGE_MASK;
	bool mapped;

	machine_go(h);
	for (unsigned tries = 0; tries < 4; tries++) {
		pte_t pte = machine_translate(h, page);
		if (machine_permits(pte, access)) {
			*p = phys_to_virt(pte_paddr(pte) + (va & PAGE_MASK));
			return 0;
		}
		int error = space_fault(space_current(), va, access, &mapped);
		CHECK_EQ(fake_mutexes_held(), 0);
		if (error != 0)
			return error;
	}
	check_fail(__FILE__, __LINE__, "the same fault again and again at %#lx", va);
}

// Hart h fetches the translation of va, for no reason.
static void
machine_speculate(unsigned h, uaddr_t va)
{
	machine_translate(h, va & ~PAGE_MASK);
}
