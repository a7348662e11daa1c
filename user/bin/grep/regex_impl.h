// SPDX-License-Identifier: MIT
/*
 * The program that a regular expression becomes, shared by compiler
 * and machine.
 */
#pragma once

#include "regex.h"

#include <stdint.h>

// What an instruction does with the byte at hand, or without looking at it.
enum opcode {
	OP_BYTE,  // take this one
	OP_ANY,   // take any
	OP_SET,   // take one of a set
	OP_START, // go on at the start of the line only
	OP_END,   // go on at its end only
	OP_SPLIT, // go on both here and there
	OP_JUMP,  // go on there
	OP_MATCH,
};

struct instruction {
	enum opcode op;
	// OP_BYTE: the byte.  OP_SET: which set.  OP_SPLIT and OP_JUMP: how many
	// instructions further, so that code can be moved and copied.
	int operand;
};

struct byte_set {
	uint64_t bits[4];
};

static inline void
set_add(struct byte_set *set, unsigned int byte)
{
	set->bits[byte / 64] |= (uint64_t)1 << (byte % 64);
}

static inline bool
set_has(const struct byte_set *set, unsigned int byte)
{
	return set->bits[byte / 64] >> (byte % 64) & 1;
}

// Add to an empty set what stands between brackets; *text is behind the first
// one and moves behind the last.  Returns NULL, or what is wrong.
const char *set_parse(struct byte_set *set, const char **text, const char *end, bool ignore_case);

struct regex {
	struct instruction *code;
	int length;
	int capacity;
	struct byte_set *sets;
	int set_count;
	bool ignore_case; // bytes in the code are lower case
	bool *seen;       // the machine's memory: [length], and twice its
	int *now;         // places in the code
	int *next;
	int *stack;
};
