// SPDX-License-Identifier: MIT
/*
 * Memory that is freed all at once: blocks in a list, filled from their start.
 */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"

#define BLOCK_SIZE 2000
#define ALIGNMENT  16

struct arena_block {
	struct arena_block *next;
	_Alignas(ALIGNMENT) char memory[];
};

void *
arena_alloc(struct arena *arena, size_t size)
{
	void *memory;

	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (size > arena->left) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
		struct arena_block *block = malloc(sizeof(*block) + room);

		if (block == NULL)
			shell_fail(STATUS_ERROR, "out of memory");
		block->next = arena->blocks;
		arena->blocks = block;
		arena->next = block->memory;
		arena->left = room;
	}
	memory = arena->next;
	arena->next += size;
	arena->left -= size;
	return memory;
}

char *
arena_string(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

void
arena_free(struct arena *arena)
{
	while (arena->blocks != NULL) {
		struct arena_block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
	*arena = (struct arena){ 0 };
}
