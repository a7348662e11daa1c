// SPDX-License-Identifier: MIT
/*
 * Who lives where in the 39-bit address space (RISC-V Privileged, Sv39).
 *
 *   0xffff_ffff_8000_0000  kernel image: text r-x, rodata r--, data rw-
 *   0xffff_ffe8_0000_0000  kernel stacks, each with an unmapped guard below
 *   0xffff_ffc0_0000_0000  direct map of all physical memory and devices, rw-
 *   ...                    (not canonical)
 *   0x0000_0040_0000_0000  USER_TOP
 *   0x0000_0000_0000_1000  lowest user address: page 0 is never mapped
 *
 * The upper half is the same in every address space: its root entries are
 * made at boot and copied into each new root, and never change afterwards.
 */
#pragma once

#include "arch/types.h"

#define USER_BOTTOM UINT64_C(0x0000000000001000)
#define USER_TOP    UINT64_C(0x0000004000000000)

#define DIRECT_BASE UINT64_C(0xffffffc000000000)
#define DIRECT_SIZE UINT64_C(0x0000002000000000) // 128 GiB

#define KSTACK_BASE UINT64_C(0xffffffe800000000)
#define KSTACK_AREA UINT64_C(0x0000000040000000) // 1 GiB: one root entry

#define KERNEL_BASE UINT64_C(0xffffffff80000000) // linked here by kernel.ld

// A stack is the upper half of a slot; the lower half stays unmapped.  So one
// bit of the stack pointer tells stack from guard (arch/trap_entry.S).
#define KSTACK_SIZE UINT64_C(0x4000)
#define KSTACK_SLOT (2 * KSTACK_SIZE)

// The direct map's address of physical address pa.
static inline void *
phys_to_virt(paddr_t pa)
{
	return (void *)(DIRECT_BASE + pa);
}

// The physical address behind p, which must lie in the direct map.
static inline paddr_t
virt_to_phys(const void *p)
{
	return (uint64_t)p - DIRECT_BASE;
}

// The physical address of an object of the kernel image (a static variable).
paddr_t kernel_to_phys(const void *p);
