// SPDX-License-Identifier: MIT
/*
 * SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
 * Generators", OOPSLA 2014): a counter that grows by an odd constant, and a
 * mixing function.  One atomic addition draws a number, so the kernel's own
 * sequence needs no lock.
 */
#include "lib/random.h"

#include "lib/math.h"
#include "lib/string.h"

#define GAMMA UINT64_C(0x9e3779b97f4a7c15) // 2^64 / golden ratio, odd

// FNV-1a, 64 bits (draft-eastlake-fnv, section 5)
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t kernel_state;

uint64_t
hash_u64(uint64_t n)
{
	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

uint64_t
hash_bytes(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint64_t h = FNV_BASIS;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * FNV_PRIME;
	return hash_u64(h); // FNV alone mixes its upper bits badly
}

void
random_init(struct random *r, uint64_t seed)
{
	r->state = seed;
}

uint64_t
random_next(struct random *r)
{
	r->state += GAMMA;
	return hash_u64(r->state);
}

void
random_set_seed(uint64_t seed)
{
	__atomic_store_n(&kernel_state, seed, __ATOMIC_RELAXED);
}

uint64_t
random_u64(void)
{
	return hash_u64(__atomic_add_fetch(&kernel_state, GAMMA, __ATOMIC_RELAXED));
}

void
random_bytes(void *to, size_t n)
{
	uint8_t *p = to;

	while (n > 0) {
		uint64_t word = random_u64();
		size_t part = MIN(n, sizeof(word));
		memcpy(p, &word, part);
		p += part;
		n -= part;
	}
}
