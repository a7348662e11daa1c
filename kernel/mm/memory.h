// SPDX-License-Identifier: MIT
/*
 * What memory the machine has, and the kernel's own page table.
 */
#pragma once

#include "arch/types.h"

// Read the device tree's memory, keep out the firmware's, the kernel's image,
// the tree itself and the initrd, build the kernel's final page table (direct
// map in the largest pages that fit, image by its sections' rights), switch to
// it and give the rest to the page allocator.  Boot hart, once.
void memory_init(void);

// Use the kernel's page table on this hart.
void memory_init_hart(void);

// Root of the kernel's page table.
paddr_t memory_kernel_root(void);

// Copy the kernel's root entries into a new root.
void memory_share_kernel(pte_t *root);

// All RAM in bytes, and the initial RAM disk (size 0 if there is none).
uint64_t memory_size(void);
void memory_initrd(paddr_t *base, uint64_t *size);
