// SPDX-License-Identifier: MIT
/*
 * Harts: which there are, and how one spins, sleeps and switches threads.
 */
#include "arch/hart.h"

#include "arch/arch_impl.h"
#include "arch/fdt.h"
#include "arch/layout.h"
#include "arch/offsets.h"

_Static_assert(offsetof(struct arch_thread, stack_top) == AT_STACK_TOP, "trap_entry.S");
_Static_assert(offsetof(struct arch_thread, scratch) == AT_SCRATCH, "trap_entry.S");
_Static_assert(offsetof(struct arch_thread, hart) == AT_HART, "trap_entry.S");
_Static_assert(offsetof(struct hart, emergency_sp) == HART_EMERGENCY_SP, "trap_entry.S");
_Static_assert(offsetof(struct hart, id) == HART_ID, "entry.S");
_Static_assert(offsetof(struct hart, idle) == HART_IDLE, "entry.S");
_Static_assert(sizeof(struct hart) == HART_SIZE, "entry.S");
_Static_assert(offsetof(struct context, s) == CONTEXT_S(0), "switch.S");
_Static_assert(KSTACK_SIZE == UINT64_C(1) << KSTACK_BIT, "trap_entry.S");
_Static_assert(BOOT_STACK == KSTACK_SIZE, "entry.S");
_Static_assert(IMAGE_OFFSET == OFFSET_IMAGE, "entry.S");

// Set by entry.S.
uint64_t boot_hart_id;
uint64_t boot_fdt;

// Read by entry.S as well.
struct hart harts[HART_MAX];
static unsigned harts_found = 1;

unsigned
hart_count(void)
{
	return harts_found;
}

struct hart *
hart_at(unsigned index)
{
	return &harts[index];
}

void
hart_adopt_boot(struct arch_thread *t)
{
	harts[0].id = (uint32_t)boot_hart_id;
	harts[0].current = t;
	harts[0].emergency_sp = (uint64_t)boot_stack_top;
	harts[0].online = 1;
	t->hart = &harts[0];
	t->stack_top = (uint64_t)boot_stack_top;
	asm volatile("mv tp, %0" ::"r"(t) : "memory");
}

// Whether a cpu node is one that may be used (Devicetree Specification, 3.8.1).
static bool
cpu_usable(fdt_node_t cpu)
{
	const char *status = fdt_string(cpu, "status");
	return status == NULL || fdt_same(status, "okay");
}

void
hart_init(void)
{
	paddr_t id;
	uint64_t size;

	for (fdt_node_t cpu = fdt_next_type(FDT_NONE, "cpu"); cpu != FDT_NONE;
	     cpu = fdt_next_type(cpu, "cpu")) {
		if (!fdt_reg(cpu, 0, &id, &size) || !cpu_usable(cpu) || id == boot_hart_id)
			continue;
		if (harts_found == HART_MAX)
			return;
		harts[harts_found].id = (uint32_t)id;
		harts[harts_found].index = harts_found;
		harts_found++;
	}
}

paddr_t
kernel_to_phys(const void *p)
{
	return (uint64_t)p - IMAGE_OFFSET;
}

void
context_init(struct arch_thread *t, uint64_t stack_top, void (*entry)(void *), void *arg)
{
	t->context = (struct context){ 0 };
	t->stack_top = stack_top;
	t->context.ra = (uint64_t)context_start;
	t->context.sp = stack_top - sizeof(struct trapframe);
	t->context.s[1] = (uint64_t)entry;
	t->context.s[2] = (uint64_t)arg;
}

void
context_switch(struct arch_thread *from, struct arch_thread *to)
{
	fpu_switch(from, to);
	to->hart = from->hart;
	to->hart->current = to;
	context_swap(&from->context, &to->context, to);
}

/*
 * A hart that spins must let the others run (arch/hart.h).  wfi does that, and
 * a software interrupt that it sets for itself wakes it at once.  That may be
 * lost on top of another hart's call, so calls are kept in memory too
 * (hart.calls), and the interrupt is set again if there are any.
 */
void
cpu_relax(void)
{
	uint64_t old;

	asm volatile("csrrci %0, sstatus, 2" : "=r"(old)::"memory");
	csr_set(sip, SIE_SSI);
	cpu_wait();
	csr_clear(sip, SIE_SSI);
	struct hart *h = this_hart();
	if (__atomic_load_n(&h->calls, __ATOMIC_SEQ_CST) != 0) {
		smp_serve_urgent_calls();
		csr_set(sip, SIE_SSI);
	}
	if (old & SSTATUS_SIE)
		intr_on();
}

void
cpu_idle(void)
{
	cpu_wait();
}
