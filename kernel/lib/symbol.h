// SPDX-License-Identifier: MIT
/*
 * The names of code addresses: which function, which line of which file.
 *
 * The table lies inside the kernel's image.  tools/symbols.py makes it from the
 * linked kernel's own debugging information, and a second link puts it in
 * section .ksyms; how it is coded is said at the head of symbol.c.
 */
#pragma once

#include "arch/types.h"

#define SYMBOL_NAME_MAX 48

struct symbol {
	char function[SYMBOL_NAME_MAX]; // cut short if longer
	uint64_t offset;                // of the address from the function's start
	const char *file;               // path from the tree's root; NULL if unknown
	uint32_t line;                  // 0 if unknown
};

// Find what lies at pc.  False if that is no code of the kernel's.  A return
// address names what comes after the call: ask for the address before it.
// Any context: no locks, no allocation, any pc.
bool symbol_find(uint64_t pc, struct symbol *out);
