// SPDX-License-Identifier: MIT
/*
 * Copy-on-write: sharing the pages of a fork until one side stores.
 *
 * The specification of lab 5-cow; cow.c is what a student writes.
 *
 *   1. A page that two entries map privately is read-only and PTE_COW in both.
 *   2. The parent's entries lose their right to write, on every hart, before
 *      the child can run: no store after the fork is seen by the child.
 *   3. A store to a PTE_COW page with other references copies it; with none it
 *      only gets its right back.
 *   4. A page that its region shares (REGION_SHARED) stays shared and writable.
 *   5. Rights never grow: a read-only region's pages stay read-only.
 *   6. Out of memory: -ENOMEM, and both spaces are as before.
 */
#pragma once

#include "vm/space.h"

// Enter the present pages of parent's region into child's copy of it.  Both
// spaces' locks are held; the child has no thread.  The caller does the fence
// of the parent once, after the last region.  0 or -ENOMEM.
int cow_fork(struct region *parent, struct region *child);

// A store at va met a present entry without PTE_W in a region that may be
// written.  The lock is held.  0 or -ENOMEM.
int cow_fault(struct region *r, uaddr_t va, pte_t *entry);

bool cow_is_shared(pte_t entry);
