// SPDX-License-Identifier: MIT
/*
 * The kernel's command line: words separated by spaces, name=value or name.
 * What follows a lone "--" belongs to init (docs/hacking lists the words).  Of a
 * name that is there more than once the last one counts.
 */
#pragma once

#include "arch/types.h"

// Keep a copy of the line.  Boot hart, once.
void bootargs_init(const char *line);

// The whole line.
const char *bootargs_line(void);

// The value of name into to (cut to size), "" for a word without a value.
// Returns whether the name is there.
bool bootargs_string(const char *name, char *to, size_t size);
// A number, or fallback if absent; a value that is no number is said in the
// log and counts as absent.
uint64_t bootargs_number(const char *name, uint64_t fallback);
bool bootargs_flag(const char *name);

// The text after "--", or "".
const char *bootargs_init_args(void);
