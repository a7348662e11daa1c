// SPDX-License-Identifier: MIT
/*
 * The time register and the timers of the harts.
 *
 * With the Sstc extension a hart writes its own compare register; without it
 * the firmware does (SBI 1.0, chapter 6).  Either way the interrupt stays
 * pending until the compare value lies ahead of time again.
 */
#include "arch/time.h"

#include "arch/csr.h"
#include "arch/fdt.h"
#include "arch/hart.h"
#include "arch/mmio.h"
#include "arch/sbi.h"

#define TIMER_SET 0

// Goldfish RTC: ns since 1970 in two halves; reading the low one latches the
// high one (QEMU docs/specs or the Android goldfish documents).
#define RTC_TIME_LOW  0x00
#define RTC_TIME_HIGH 0x04

static uint64_t frequency = 10000000; // Hz
static uint64_t ns_per_tick = 100;    // 0 if that is no whole number
static bool have_sstc;

// Whether an ISA string such as "rv64imac_zicsr_sstc" has an extension.
static bool
isa_has(const char *isa, const char *extension)
{
	for (; *isa != '\0'; isa++) {
		if (*isa != '_')
			continue;
		size_t i = 0;
		while (extension[i] != '\0' && isa[1 + i] == extension[i])
			i++;
		if (extension[i] == '\0' && (isa[1 + i] == '_' || isa[1 + i] == '\0'))
			return true;
	}
	return false;
}

void
time_init(void)
{
	frequency = fdt_number(fdt_find("/cpus"), "timebase-frequency", frequency);
	if (frequency == 0 || frequency > NS_PER_SEC)
		frequency = 10000000;
	ns_per_tick = NS_PER_SEC % frequency == 0 ? NS_PER_SEC / frequency : 0;

	const char *isa = fdt_string(fdt_next_type(FDT_NONE, "cpu"), "riscv,isa");
	have_sstc = isa != NULL && isa_has(isa, "sstc");
}

static uint64_t
ticks_to_ns(uint64_t ticks)
{
	if (ns_per_tick != 0)
		return ticks * ns_per_tick;
	return ticks / frequency * NS_PER_SEC + ticks % frequency * NS_PER_SEC / frequency;
}

// Rounded up, so that a timer is never early.
static uint64_t
ns_to_ticks(uint64_t ns)
{
	uint64_t seconds = ns / NS_PER_SEC;
	uint64_t rest = ns % NS_PER_SEC;
	return seconds * frequency + (rest * frequency + NS_PER_SEC - 1) / NS_PER_SEC;
}

uint64_t
time_ns(void)
{
	return ticks_to_ns(csr_read(time));
}

void
time_set_timer(uint64_t when)
{
	uint64_t ticks = ns_to_ticks(when);

	if (have_sstc)
		asm volatile("csrw %0, %1" ::"i"(CSR_STIMECMP), "r"(ticks));
	else
		sbi_call(SBI_EXT_TIME, TIMER_SET, ticks, 0, 0, 0, 0);
}

void
time_delay_us(uint64_t us)
{
	uint64_t end = time_ns() + us * NS_PER_US;

	while (time_ns() < end)
		cpu_relax();
}

uint64_t
time_read_rtc(void)
{
	paddr_t base;
	uint64_t size;

	fdt_node_t rtc = fdt_next_compatible(FDT_NONE, "google,goldfish-rtc");
	if (rtc == FDT_NONE || !fdt_reg(rtc, 0, &base, &size))
		return 0;
	volatile char *regs = mmio_map(base);
	uint64_t low = mmio_read32(regs + RTC_TIME_LOW);
	return low | (uint64_t)mmio_read32(regs + RTC_TIME_HIGH) << 32;
}
