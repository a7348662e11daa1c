// SPDX-License-Identifier: MIT
/*
 * The platform-level interrupt controller (RISC-V PLIC 1.0.0, chapters 3-10).
 *
 * A context is one privilege mode of one hart.  Which of them is a hart's
 * supervisor mode follows from the order of "interrupts-extended" alone, so it
 * is read from there.  All lines go to the boot hart: which hart serves an
 * interrupt is then the same in each run.
 */
#include "arch/irq.h"

#include "abi/errno.h"
#include "arch/arch_impl.h"
#include "arch/fdt.h"
#include "arch/mmio.h"

#define LINES_MAX 128

// Registers, by offset (PLIC, chapter 3).
#define PLIC_PRIORITY(line)     (4 * (line))
#define PLIC_ENABLE(context)    (0x2000 + 0x80 * (context))
#define PLIC_THRESHOLD(context) (0x200000 + 0x1000 * (context))
#define PLIC_CLAIM(context)     (0x200004 + 0x1000 * (context))

#define CAUSE_NUMBER_EXT 9 // supervisor external interrupt
#define NO_CONTEXT       UINT32_MAX

/*
 *   I  set by irq_register(), then fixed
 *   o  the boot hart's, interrupts off
 */
struct line {
	irq_handler_t handler; // [I]
	void *arg;             // [I]
	const char *name;      // [I]
	uint64_t count;        // [o]
};

static volatile char *plic;
static uint32_t lines = 1; // line 0 is none
static struct line line[LINES_MAX];
static uint32_t context[HART_MAX];

// The hart whose interrupt controller has this phandle, or NULL.
static struct hart *
hart_of_controller(uint32_t phandle)
{
	paddr_t id;
	uint64_t size;

	for (fdt_node_t cpu = fdt_next_type(FDT_NONE, "cpu"); cpu != FDT_NONE;
	     cpu = fdt_next_type(cpu, "cpu")) {
		fdt_node_t child = fdt_next_child(cpu, FDT_NONE);
		while (child != FDT_NONE && fdt_number(child, "phandle", 0) != phandle)
			child = fdt_next_child(cpu, child);
		if (child == FDT_NONE || !fdt_reg(cpu, 0, &id, &size))
			continue;
		for (unsigned i = 0; i < hart_count(); i++)
			if (hart_at(i)->id == id)
				return hart_at(i);
	}
	return NULL;
}

void
irq_init(void)
{
	paddr_t base;
	uint64_t size;
	uint32_t phandle, cause;

	for (unsigned i = 0; i < HART_MAX; i++)
		context[i] = NO_CONTEXT;
	fdt_node_t node = fdt_next_compatible(FDT_NONE, "riscv,plic0");
	if (node == FDT_NONE)
		node = fdt_next_compatible(FDT_NONE, "sifive,plic-1.0.0");
	if (node == FDT_NONE || !fdt_reg(node, 0, &base, &size))
		return;
	plic = mmio_map(base);
	lines = (uint32_t)fdt_number(node, "riscv,ndev", 0) + 1;
	if (lines > LINES_MAX)
		lines = LINES_MAX;
	for (unsigned i = 0; fdt_cell(node, "interrupts-extended", 2 * i, &phandle) &&
			     fdt_cell(node, "interrupts-extended", 2 * i + 1, &cause);
	     i++) {
		struct hart *h = cause == CAUSE_NUMBER_EXT ? hart_of_controller(phandle) : NULL;
		if (h != NULL)
			context[h->index] = i;
	}
	for (uint32_t i = 1; i < lines; i++)
		mmio_write32(plic + PLIC_PRIORITY(i), 0);
}

void
irq_init_hart(void)
{
	uint32_t mine = context[this_hart()->index];

	if (plic == NULL || mine == NO_CONTEXT)
		return;
	for (uint32_t i = 0; i < lines; i += 32)
		mmio_write32(plic + PLIC_ENABLE(mine) + i / 8, 0);
	mmio_write32(plic + PLIC_THRESHOLD(mine), 0);
}

int
irq_register(unsigned number, const char *name, irq_handler_t handler, void *arg)
{
	uint32_t boot = context[0];

	if (number == 0 || number >= lines || boot == NO_CONTEXT)
		return -EINVAL;
	struct line *l = &line[number];
	if (l->handler != NULL)
		return -EBUSY;
	l->name = name;
	l->arg = arg;
	l->handler = handler;
	volatile char *enable = plic + PLIC_ENABLE(boot) + number / 32 * 4;
	mmio_write32(enable, mmio_read32(enable) | UINT32_C(1) << number % 32);
	mmio_write32(plic + PLIC_PRIORITY(number), 1);
	return 0;
}

void
irq_dispatch(void)
{
	uint32_t mine = context[this_hart()->index];
	uint32_t number;

	if (mine == NO_CONTEXT)
		return;
	while ((number = mmio_read32(plic + PLIC_CLAIM(mine))) != 0) {
		if (number < lines && line[number].handler != NULL) {
			line[number].count++;
			line[number].handler(line[number].arg);
		}
		mmio_write32(plic + PLIC_CLAIM(mine), number);
	}
}

uint64_t
irq_count(void)
{
	uint64_t n = 0;

	for (unsigned i = 1; i < lines; i++)
		n += line[i].count;
	return n;
}

void
irq_for_each(void (*fn)(void *arg, unsigned number, const char *name, uint64_t count), void *arg)
{
	for (unsigned i = 1; i < lines; i++)
		if (line[i].handler != NULL)
			fn(arg, i, line[i].name, line[i].count);
}
