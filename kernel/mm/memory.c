// SPDX-License-Identifier: MIT
/*
 * What memory there is, and the kernel's page table (mm/memory.h).
 *
 * RAM comes from the device tree's memory nodes.  The page array covers from
 * the lowest to the highest of it; what lies between banks, and what somebody
 * else has (firmware, image, tree, initial RAM disk, the array itself), stays
 * reserved.
 */
#include "mm/memory.h"

#include "arch/fdt.h"
#include "arch/image.h"
#include "arch/layout.h"
#include "arch/pte.h"
#include "arch/tlb.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "mm/mm_impl.h"
#include "mm/pagetable.h"

#define BANKS_MAX 8
#define TAKEN_MAX 16

struct range {
	paddr_t start;
	paddr_t end;
};

static struct range bank[BANKS_MAX];
static unsigned banks;
static struct range taken[TAKEN_MAX]; // sorted by start
static unsigned takens;
static struct range initrd;
static pte_t *kernel_root;

static void
take(paddr_t start, paddr_t end)
{
	unsigned i;

	if (start >= end)
		return;
	if (takens == TAKEN_MAX)
		panic("memory: more than %d reserved ranges in the device tree", TAKEN_MAX);
	for (i = takens++; i > 0 && taken[i - 1].start > start; i--)
		taken[i] = taken[i - 1];
	taken[i] = (struct range){ align_down(start, PAGE_SIZE), align_up(end, PAGE_SIZE) };
}

static void
find_banks(void)
{
	paddr_t base;
	uint64_t size;

	for (fdt_node_t n = fdt_next_type(FDT_NONE, "memory"); n != FDT_NONE;
	     n = fdt_next_type(n, "memory"))
		for (unsigned i = 0; banks < BANKS_MAX && fdt_reg(n, i, &base, &size); i++)
			if (size >= PAGE_SIZE && base + size <= DIRECT_SIZE)
				bank[banks++] = (struct range){ base, base + size };
	if (banks == 0)
		panic("memory: the device tree names none");
}

static void
find_taken(void)
{
	paddr_t base;
	uint64_t size;
	fdt_node_t parent = fdt_find("/reserved-memory");
	fdt_node_t chosen = fdt_find("/chosen");

	for (fdt_node_t n = fdt_next_child(parent, FDT_NONE); n != FDT_NONE;
	     n = fdt_next_child(parent, n))
		for (unsigned i = 0; fdt_reg(n, i, &base, &size); i++)
			take(base, base + size);
	take(kernel_to_phys(image_start), kernel_to_phys(image_end));
	take(fdt_address(), fdt_address() + fdt_size());
	initrd.start = fdt_number(chosen, "linux,initrd-start", 0);
	initrd.end = fdt_number(chosen, "linux,initrd-end", 0);
	take(initrd.start, initrd.end);
}

// A free place of size bytes after the kernel's image, for the page array.
static paddr_t
find_place(uint64_t size)
{
	paddr_t at = kernel_to_phys(image_end);

	for (unsigned i = 0; i < takens; i++)
		if (taken[i].start < at + size && taken[i].end > at)
			at = taken[i].end;
	for (unsigned i = 0; i < banks; i++)
		if (at >= bank[i].start && at + size <= bank[i].end)
			return at;
	panic("memory: no room for the page array of %lu KiB", size / 1024);
}

static void
give_pages(void)
{
	for (unsigned i = 0; i < banks; i++) {
		paddr_t at = align_up(bank[i].start, PAGE_SIZE);
		for (unsigned j = 0; j < takens; j++) {
			if (taken[j].end <= at || taken[j].start >= bank[i].end)
				continue;
			if (taken[j].start > at)
				page_add_range(at, taken[j].start);
			at = taken[j].end;
		}
		if (at < bank[i].end)
			page_add_range(at, align_down(bank[i].end, PAGE_SIZE));
	}
}

static void
map(uint64_t va, paddr_t start, paddr_t end, uint64_t flags)
{
	if (pagetable_map_kernel(kernel_root, va, start, end - start, flags) != 0)
		panic("memory: too little for the kernel's page table; give QEMU more (MEM=)");
}

static void
map_direct(paddr_t start, paddr_t end, uint64_t flags)
{
	map((uint64_t)phys_to_virt(start), start, end, flags);
}

// Devices lie below RAM on this machine.  The image's text and constants are
// read-only in the direct map as well.
static void
map_all(paddr_t ram_start)
{
	paddr_t text = kernel_to_phys(text_start);
	paddr_t rodata = kernel_to_phys(rodata_start);
	paddr_t data = kernel_to_phys(data_start);
	paddr_t guard = kernel_to_phys(boot_stack_guard);
	paddr_t end = kernel_to_phys(image_end);

	map_direct(0, align_down(ram_start, PAGE_SIZE), PTE_R | PTE_W);
	for (unsigned i = 0; i < banks; i++) {
		paddr_t top = align_up(bank[i].end, PAGE_SIZE);
		if (text >= bank[i].start && data <= top) {
			map_direct(bank[i].start, text, PTE_R | PTE_W);
			map_direct(text, data, PTE_R);
			map_direct(data, top, PTE_R | PTE_W);
		} else {
			map_direct(bank[i].start, top, PTE_R | PTE_W);
		}
	}
	map((uint64_t)text_start, text, rodata, PTE_R | PTE_X);
	map((uint64_t)rodata_start, rodata, data, PTE_R);
	map((uint64_t)data_start, data, guard, PTE_R | PTE_W);
	map((uint64_t)boot_stack_guard + KSTACK_SIZE, guard + KSTACK_SIZE, end, PTE_R | PTE_W);
	// The stacks' root entry, so that it never changes afterwards.
	if (pagetable_make_entry(kernel_root, KSTACK_BASE) == NULL)
		panic("memory: too little for the kernel's page table; give QEMU more (MEM=)");
}

void
memory_init(void)
{
	find_banks();
	find_taken();
	paddr_t low = UINT64_MAX;
	paddr_t high = 0;
	for (unsigned i = 0; i < banks; i++) {
		low = MIN(low, align_down(bank[i].start, PAGE_SIZE));
		high = MAX(high, bank[i].end);
	}
	uint64_t array_size = (high - low) / PAGE_SIZE * sizeof(struct page);
	paddr_t array = find_place(array_size);
	take(array, array + array_size);
	page_init(phys_to_virt(array), low, high);
	give_pages();

	struct page *root = page_alloc(PAGE_ZERO);
	if (root == NULL)
		panic("memory: none left after the kernel's image; give QEMU more (MEM=)");
	kernel_root = page_to_virt(root);
	map_all(low);
	memory_init_hart();
	print("memory: %lu MiB, %lu free", memory_size() >> 20,
	      page_free_count() * PAGE_SIZE >> 20);
}

void
memory_init_hart(void)
{
	tlb_switch_root(memory_kernel_root());
}

paddr_t
memory_kernel_root(void)
{
	return virt_to_phys(kernel_root);
}

void
memory_share_kernel(pte_t *root)
{
	for (unsigned i = PT_ENTRIES / 2; i < PT_ENTRIES; i++)
		root[i] = kernel_root[i];
}

uint64_t
memory_size(void)
{
	uint64_t size = 0;

	for (unsigned i = 0; i < banks; i++)
		size += bank[i].end - bank[i].start;
	return size;
}

void
memory_initrd(paddr_t *base, uint64_t *size)
{
	*base = initrd.start;
	*size = initrd.end > initrd.start ? initrd.end - initrd.start : 0;
}
