// SPDX-License-Identifier: MIT
/*
 * Memory that is freed all at once.  Running out of it gives the command up.
 */
#pragma once

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;
	char *next;
	size_t left;
};

void *arena_alloc(struct arena *arena, size_t size);

// A string of so many characters of text.
char *arena_string(struct arena *arena, const char *text, size_t length);

void arena_free(struct arena *arena);
