// SPDX-License-Identifier: MIT
/*
 * Parameters: variables, $1 and its like, and the special ones
 * (POSIX.1-2017, XCU 2.5).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

// The value of a parameter other than @ and *, or NULL if it is not set.
const char *param_value(const char *name);

// $#
int param_count(void);

// A number as text, in the shell's arena.
const char *param_number(long number);

// How many characters of text are a parameter's name: letters and digits,
// digits (one only without braces), or a special character.
size_t param_name_length(const char *text, const char *end, bool braces);
