// SPDX-License-Identifier: MIT
/*
 * Power-off and reset.
 *
 * The virt machine's test finisher takes one word: 0x5555 ends QEMU with 0,
 * status << 16 | 0x3333 with that status, 0x7777 resets (QEMU
 * hw/misc/sifive_test.c).  SBI's system reset (SBI 1.0, chapter 10) is there on
 * real machines; QEMU always ends with 0 then.
 */
#include "arch/power.h"

#include "arch/fdt.h"
#include "arch/hart.h"
#include "arch/mmio.h"
#include "arch/sbi.h"

#define FINISHER_FAIL  0x3333
#define FINISHER_PASS  0x5555
#define FINISHER_RESET 0x7777

#define SRST_RESET    0
#define SRST_SHUTDOWN 0
#define SRST_COLD     1

static volatile void *finisher;

void
power_init(void)
{
	paddr_t base;
	uint64_t size;

	fdt_node_t node = fdt_next_compatible(FDT_NONE, "sifive,test0");
	if (node != FDT_NONE && fdt_reg(node, 0, &base, &size))
		finisher = mmio_map(base);
}

static _Noreturn void
wait_for_the_end(void)
{
	intr_off();
	for (;;)
		cpu_idle();
}

void
power_off(unsigned status)
{
	status &= 0xff;
	if (finisher != NULL) {
		// QEMU ends some time after this; SRST would make its status 0 until then.
		mmio_write32(finisher, status == 0 ? FINISHER_PASS : status << 16 | FINISHER_FAIL);
		wait_for_the_end();
	}
	sbi_call(SBI_EXT_SRST, SRST_RESET, SRST_SHUTDOWN, status != 0, 0, 0, 0);
	wait_for_the_end();
}

void
power_reboot(void)
{
	sbi_call(SBI_EXT_SRST, SRST_RESET, SRST_COLD, 0, 0, 0, 0);
	if (finisher != NULL)
		mmio_write32(finisher, FINISHER_RESET);
	wait_for_the_end();
}
