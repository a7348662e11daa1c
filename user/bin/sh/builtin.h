// SPDX-License-Identifier: MIT
/*
 * Commands that the shell itself carries out.
 */
#pragma once

#include <stdbool.h>

struct builtin {
	const char *name;
	int (*run)(int argc, char **argv);
	bool special; // assignments before it stay; errors end a script (XCU 2.14)
};

// The builtin of that name, or NULL.
const struct builtin *builtin_find(const char *name);

// In builtin_vars.c.
int builtin_export(int argc, char **argv);
int builtin_read(int argc, char **argv);
int builtin_set(int argc, char **argv);
int builtin_shift(int argc, char **argv);
int builtin_unset(int argc, char **argv);

// Replace the shell's positional parameters by copies.
void builtin_set_positional(char *const *arguments);
