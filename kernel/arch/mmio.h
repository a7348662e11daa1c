// SPDX-License-Identifier: MIT
/*
 * Device registers and the fences between them and memory
 * (RISC-V Unprivileged, section 2.7: predecessor and successor sets with I/O).
 */
#pragma once

#include "arch/layout.h"

static inline uint32_t
mmio_read32(const volatile void *reg)
{
	uint32_t v = *(const volatile uint32_t *)reg;
	asm volatile("fence i, r" ::: "memory");
	return v;
}

static inline void
mmio_write32(volatile void *reg, uint32_t v)
{
	asm volatile("fence w, o" ::: "memory");
	*(volatile uint32_t *)reg = v;
}

static inline uint8_t
mmio_read8(const volatile void *reg)
{
	uint8_t v = *(const volatile uint8_t *)reg;
	asm volatile("fence i, r" ::: "memory");
	return v;
}

static inline void
mmio_write8(volatile void *reg, uint8_t v)
{
	asm volatile("fence w, o" ::: "memory");
	*(volatile uint8_t *)reg = v;
}

// The address of a device's registers at physical address pa.
static inline volatile void *
mmio_map(paddr_t pa)
{
	return phys_to_virt(pa);
}
