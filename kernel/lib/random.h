// SPDX-License-Identifier: MIT
/*
 * Pseudo-random numbers that repeat: everything drawn follows from the boot
 * argument seed= (default: the device tree's rng-seed), so that a run can be
 * had again.  Not for secrets; Fawn keeps none.
 */
#pragma once

#include "arch/types.h"

struct random {
	uint64_t state;
};

void random_init(struct random *r, uint64_t seed);
uint64_t random_next(struct random *r);

// The kernel's own sequence, shared by all harts.  Any context.
void random_set_seed(uint64_t seed);
uint64_t random_u64(void);
void random_bytes(void *to, size_t n);

// A well-mixed hash of one number (for hash tables too).
uint64_t hash_u64(uint64_t n);
// A hash of n bytes.
uint64_t hash_bytes(const void *bytes, size_t n);
