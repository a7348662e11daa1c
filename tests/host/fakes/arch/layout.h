// SPDX-License-Identifier: MIT
/*
 * Instead of kernel/arch/layout.h on the host: the direct map is the address
 * space itself, so a page's physical address is its address.
 */
#pragma once

#include "arch/types.h"

#define USER_BOTTOM UINT64_C(0x0000000000001000)
#define USER_TOP    UINT64_C(0x0000004000000000)

#define DIRECT_BASE UINT64_C(0)
#define DIRECT_SIZE UINT64_C(0x0000800000000000)

#define KSTACK_BASE UINT64_C(0xffffffe800000000)
#define KSTACK_AREA UINT64_C(0x0000000040000000)
#define KERNEL_BASE UINT64_C(0xffffffff80000000)
#define KSTACK_SIZE UINT64_C(0x4000)
#define KSTACK_SLOT (2 * KSTACK_SIZE)

static inline void *
phys_to_virt(paddr_t pa)
{
	return (void *)(DIRECT_BASE + pa);
}

static inline paddr_t
virt_to_phys(const void *p)
{
	return (uint64_t)p - DIRECT_BASE;
}

paddr_t kernel_to_phys(const void *p);
