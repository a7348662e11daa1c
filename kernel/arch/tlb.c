// SPDX-License-Identifier: MIT
/*
 * Fences for page tables, here and on other harts.
 */
#include "arch/tlb.h"

#include "arch/hart.h"
#include "arch/sbi.h"

#define RFENCE_SFENCE_VMA 1

// More pages than this are not worth one instruction each.
#define FLUSH_PAGES_MAX 16

void
tlb_flush_local(uint64_t address, uint64_t size)
{
	if (size > FLUSH_PAGES_MAX * PAGE_SIZE) {
		asm volatile("sfence.vma" ::: "memory");
		return;
	}
	for (uint64_t va = address & ~PAGE_MASK; va < address + size; va += PAGE_SIZE)
		asm volatile("sfence.vma %0, zero" ::"r"(va) : "memory");
}

void
tlb_flush_harts(uint64_t mask, uint64_t address, uint64_t size)
{
	uint64_t ids = 0;
	uint64_t base = UINT64_MAX; // SBI: all harts, if it stays so

	intr_push();
	unsigned me = this_hart()->index;
	for (unsigned i = 0; i < hart_count(); i++) {
		struct hart *h = hart_at(i);
		if (i == me || !(mask >> i & 1) || !h->online)
			continue;
		if (h->id >= 64) { // outside one mask: fence it by itself
			sbi_call(SBI_EXT_RFENCE, RFENCE_SFENCE_VMA, 1, h->id, address, size, 0);
			continue;
		}
		base = 0;
		ids |= UINT64_C(1) << h->id;
	}
	// What the entries became must be seen before the fences.
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (mask >> me & 1)
		tlb_flush_local(address, size);
	if (base == 0) {
		if (size > FLUSH_PAGES_MAX * PAGE_SIZE) {
			address = 0;
			size = UINT64_MAX;
		}
		sbi_call(SBI_EXT_RFENCE, RFENCE_SFENCE_VMA, ids, base, address, size, 0);
	}
	intr_pop();
}

void
tlb_switch_root(paddr_t root)
{
	csr_write(satp, SATP_SV39 | root >> PAGE_SHIFT);
	asm volatile("sfence.vma" ::: "memory");
}
