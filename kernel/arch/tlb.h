// SPDX-License-Identifier: MIT
/*
 * Fences for page tables (RISC-V Privileged, section 4.2.1).  A fence is needed
 * when an entry that may be cached is removed or restricted.  One that becomes
 * valid or gains rights needs none here: the fault handler accepts a spurious
 * fault.
 */
#pragma once

#include "arch/types.h"

// Forget this hart's translations of [address, address + size), or all if size
// is UINT64_MAX.
void tlb_flush_local(uint64_t address, uint64_t size);

// The same on every hart in mask (bit i is the hart of index i; the caller's
// own is served locally).  Returns when all have done it.  Any context, also
// with spinlocks held: who waits for one of them makes the fence meanwhile.
void tlb_flush_harts(uint64_t mask, uint64_t address, uint64_t size);

// Use the page table at root from now on.
void tlb_switch_root(paddr_t root);
