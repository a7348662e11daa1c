// SPDX-License-Identifier: MIT
/*
 * The kernel heap: blocks of any size, aligned to 16 bytes.
 *
 * Small blocks come from pages cut into one of a few sizes; larger ones are
 * whole pages.  A block that is freed twice, or was never given out, is a
 * panic that names it; debug builds fill freed blocks.
 */
#pragma once

#include "arch/types.h"

// size bytes, or NULL.  May sleep (reclaim) unless a spinlock is held.
void *heap_alloc(size_t size) __attribute__((malloc, alloc_size(1)));
// The same, filled with zeros.
void *heap_zalloc(size_t size) __attribute__((malloc, alloc_size(1)));
// count elements of size bytes each, zeroed; NULL if the product overflows.
void *heap_alloc_array(size_t count, size_t size);
// Give a block back; NULL is ignored.  Any context.
void heap_free(void *p);

// Bytes in blocks that are given out, and how many blocks.
uint64_t heap_used_bytes(void);
uint64_t heap_used_blocks(void);

// A copy of a string, or NULL.
char *heap_copy_string(const char *s);
