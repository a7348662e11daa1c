// SPDX-License-Identifier: MIT
/*
 * Fences for page tables, here and on other harts.
 *
 * Another hart is asked by a call (smp.c) and makes its fence itself, in the
 * interrupt, or where it spins with interrupts off, in cpu_relax():
 *
 *   1. Requests are counted by the hart that is asked.  It reads the count,
 *      fences, then says how far it has come; who asks waits for its number.
 *   2. Who waits spins in cpu_relax(), so it serves others meanwhile: two harts
 *      that ask each other both get on, and so does one that waits for a lock
 *      that the asker holds.
 *   3. Between interrupts off and on, or a turn of a wait, there is no endless
 *      way; so no fence is waited for for ever.
 *
 * The firmware's remote fence (SBI 1.0, chapter 8) was rejected: it waits in
 * machine mode without giving up the hart's slice, and under QEMU 7.2's icount
 * the other hart then never runs.
 */
#include "arch/tlb.h"

#include "arch/arch_impl.h"

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
tlb_serve(void)
{
	struct hart *h = this_hart();
	uint32_t asked = __atomic_load_n(&h->fences_asked, __ATOMIC_SEQ_CST);

	if (asked == __atomic_load_n(&h->fences_done, __ATOMIC_RELAXED))
		return;
	asm volatile("sfence.vma" ::: "memory");
	__atomic_store_n(&h->fences_done, asked, __ATOMIC_RELEASE);
}

// Wait until h has made the fence of this number; one that a panic has stopped
// never will.
static void
wait_fence(const struct hart *h, uint32_t number)
{
	while ((int32_t)(__atomic_load_n(&h->fences_done, __ATOMIC_ACQUIRE) - number) < 0 &&
	       !smp_stopped(h->index))
		cpu_relax();
}

void
tlb_flush_harts(uint64_t mask, uint64_t address, uint64_t size)
{
	uint32_t number[HART_MAX];
	uint64_t asked = 0;

	intr_push();
	unsigned me = this_hart()->index;
	for (unsigned i = 0; i < hart_count(); i++) {
		struct hart *h = hart_at(i);
		if (i == me || !(mask >> i & 1) || !__atomic_load_n(&h->online, __ATOMIC_ACQUIRE))
			continue;
		asked |= UINT64_C(1) << i;
		number[i] = __atomic_add_fetch(&h->fences_asked, 1, __ATOMIC_SEQ_CST);
		smp_call(h, CALL_FENCE);
	}
	if (mask >> me & 1)
		tlb_flush_local(address, size);
	for (unsigned i = 0; i < hart_count(); i++)
		if (asked >> i & 1)
			wait_fence(hart_at(i), number[i]);
	intr_pop();
}

void
tlb_switch_root(paddr_t root)
{
	csr_write(satp, SATP_SV39 | root >> PAGE_SHIFT);
	asm volatile("sfence.vma" ::: "memory");
}
