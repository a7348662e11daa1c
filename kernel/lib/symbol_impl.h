// SPDX-License-Identifier: MIT
// The symbol table as it lies in the image; symbol.c says what is in it.
#pragma once

#include "arch/types.h"

#define SYMBOL_MAGIC 0x4d595346u // "FSYM"

struct symbol_table {
	uint32_t magic;
	uint32_t blocks;
	uint32_t files;
	uint32_t stream_size;
	uint32_t names_size;
	uint32_t reserved; // 0; keeps what follows aligned
};

// Places that are remembered, the current one among them.
#define PLACES 8

// Opcodes of a function's lines.
enum line_op {
	LINE_END,   // the function's lines are over
	LINE_FILE,  // a new place: file = uleb128, line = uleb128
	LINE_LINE,  // a new place: the current one with line += sleb128
	LINE_ADDR,  // address += STEP_UNIT * uleb128
	LINE_PLACE, // and the PLACES - 2 after it: back to the place 1, 2, ... before
	LINE_STEP = LINE_PLACE + PLACES - 1, // and all above: a step
};

// A step of v = opcode - LINE_STEP: line += v % STEP_LINES - STEP_BACK and
// address += STEP_UNIT * (v / STEP_LINES), where the new line begins.
#define STEP_LINES 20
#define STEP_BACK  7
#define STEP_UNIT  2

// Whole in the image; empty in the first of its two links.
extern const uint8_t symbol_blob[];
extern const uint8_t symbol_blob_end[];
