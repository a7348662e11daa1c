// SPDX-License-Identifier: MIT
/*
 * Calls between harts: a bit in the other's hart.calls says why, then a
 * software interrupt makes it look.
 */
#include "arch/smp.h"

#include "abi/errno.h"
#include "arch/arch_impl.h"
#include "arch/layout.h"
#include "arch/sbi.h"
#include "arch/time.h"
#include "arch/upcall.h"

#define HSM_HART_START 0
#define IPI_SEND       0

// How long a panic waits for the other harts.
#define STOP_WAIT_NS (100 * NS_PER_MS)

static const struct trapframe *stopped_frame[HART_MAX]; // NULL: it spun
static const void *stopped_spinning[HART_MAX];
static uint32_t stopped[HART_MAX];
static void (*secondary_entry)(void);

// The page table for a hart that starts; read by entry.S.
uint64_t smp_start_satp;

void
smp_call(struct hart *h, uint32_t why)
{
	__atomic_fetch_or(&h->calls, why, __ATOMIC_SEQ_CST);
	sbi_call(SBI_EXT_IPI, IPI_SEND, 1, h->id, 0, 0, 0);
}

void
smp_kick(unsigned index)
{
	smp_call(hart_at(index), CALL_KICK);
}

int
smp_start_hart(unsigned index, struct arch_thread *idle, void (*entry)(void))
{
	struct hart *h = hart_at(index);

	h->idle = idle;
	h->current = idle;
	idle->hart = h;
	secondary_entry = entry;
	smp_start_satp = csr_read(satp);
	struct sbi_result r =
		sbi_call(SBI_EXT_HSM, HSM_HART_START, h->id,
			 kernel_to_phys((void *)hart_start_entry), (uint64_t)idle, 0, 0);
	return r.error != 0 ? -EIO : 0;
}

void
hart_started(void)
{
	secondary_entry();
	__builtin_unreachable();
}

// Never comes back.
static void
stop_here(const struct trapframe *tf)
{
	unsigned index = this_hart()->index;

	intr_off();
	stopped_frame[index] = tf;
	stopped_spinning[index] = tf == NULL ? __builtin_frame_address(0) : NULL;
	__atomic_store_n(&stopped[index], 1, __ATOMIC_RELEASE);
	csr_clear(sie, SIE_SSI | SIE_STI | SIE_SEI);
	for (;;)
		cpu_wait();
}

bool
smp_stopped(unsigned index)
{
	return __atomic_load_n(&stopped[index], __ATOMIC_ACQUIRE) != 0;
}

void
smp_serve_urgent_calls(void)
{
	uint32_t why = __atomic_load_n(&this_hart()->calls, __ATOMIC_ACQUIRE);

	if (why & CALL_STOP)
		stop_here(NULL);
	if (why & CALL_FENCE)
		tlb_serve();
}

void
smp_serve_calls(const struct trapframe *tf)
{
	csr_clear(sip, SIE_SSI);
	uint32_t why = __atomic_exchange_n(&this_hart()->calls, 0, __ATOMIC_SEQ_CST);
	if (why & CALL_STOP)
		stop_here(tf);
	if (why & CALL_FENCE)
		tlb_serve();
	if (why & CALL_KICK)
		upcall_ipi();
}

void
smp_stop_others(void)
{
	unsigned me = this_hart()->index;
	uint64_t end = time_ns() + STOP_WAIT_NS;

	for (unsigned i = 0; i < hart_count(); i++)
		if (i != me && hart_at(i)->online)
			smp_call(hart_at(i), CALL_STOP);
	for (unsigned i = 0; i < hart_count(); i++)
		while (i != me && hart_at(i)->online && !smp_stopped(i) && time_ns() < end)
			cpu_relax();
}

const struct trapframe *
smp_stopped_frame(unsigned index)
{
	return smp_stopped(index) ? stopped_frame[index] : NULL;
}

const void *
smp_stopped_spinning(unsigned index)
{
	return smp_stopped(index) ? stopped_spinning[index] : NULL;
}
