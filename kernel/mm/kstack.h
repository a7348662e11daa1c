// SPDX-License-Identifier: MIT
/*
 * Kernel stacks, each with an unmapped guard below it (arch/layout.h).
 *
 * A stack given back is kept mapped in a short list for the next thread; one
 * beyond that is unmapped on all harts and its pages are freed.
 */
#pragma once

#include "arch/layout.h"

// The end (highest address) of a new stack, or 0 if out of memory or slots.
uint64_t kstack_alloc(void);
// Any context but the stack itself.
void kstack_free(uint64_t stack_top);

// Pages held by the list of spare stacks; they count as free for tests.
uint64_t kstack_spare_pages(void);

// The lowest address used so far of the stack that ends at stack_top, by the
// pattern it was filled with in debug builds; stack_top - KSTACK_SIZE if not.
uint64_t kstack_low_water(uint64_t stack_top);
