// SPDX-License-Identifier: MIT
/*
 * Who can give memory back when the page allocator has none (the buffer cache).
 */
#pragma once

#include "arch/types.h"

// Free about pages pages; returns how many were.  Called without locks and may
// sleep.
typedef uint64_t (*reclaim_fn)(uint64_t pages);

// At most four, at boot.
void reclaim_register(const char *name, reclaim_fn fn);

// Ask the reclaimers in turn until pages were freed.  Returns how many were.
uint64_t reclaim_pages(uint64_t pages);
