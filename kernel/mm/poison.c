// SPDX-License-Identifier: MIT
/*
 * The pattern in freed memory.
 */
#include "mm/poison.h"

#include "lib/panic.h"

bool
poison_fill_always(void *p, uint64_t size)
{
	uint64_t *word = p;

	for (uint64_t i = 0; i < size / sizeof *word; i++)
		word[i] = POISON_WORD;
	return true;
}

void
poison_check_always(const void *p, uint64_t size)
{
	const uint64_t *word = p;

	for (uint64_t i = 0; i < size / sizeof *word; i++)
		if (word[i] != POISON_WORD)
			panic("memory at %p was written after it was freed: %#lx",
			      (const void *)&word[i], word[i]);
}
