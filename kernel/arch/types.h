// SPDX-License-Identifier: MIT
/*
 * Scalars with a meaning.  All are integers, so that the kernel cannot follow
 * a user's address or a physical one by accident.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t paddr_t; // a physical address
typedef uint64_t uaddr_t; // an address in a user process
typedef uint64_t pte_t;   // a page table entry, Sv39

typedef int64_t ssize_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE  (UINT64_C(1) << PAGE_SHIFT)
#define PAGE_MASK  (PAGE_SIZE - 1)

// More harts than this are left asleep, with a line in the log.
#define HART_MAX 8
