// SPDX-License-Identifier: MIT
/*
 * Numbers that look random and repeat from a seed: splitmix64 (Steele, Lea,
 * Flood, "Fast splittable pseudorandom number generators", 2014).
 */
#include <stdint.h>
#include <stdlib.h>

static uint64_t state = 1;

void
srand(unsigned int seed)
{
	state = seed;
}

int
rand(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (int)((z ^ (z >> 31)) & RAND_MAX);
}
