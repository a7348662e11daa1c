// SPDX-License-Identifier: MIT
/*
 * The shell's variables.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ast.h"

// Take over the environment, as exported variables.
void vars_init(char **environment);

// Its value, or NULL if it is not set.
const char *vars_get(const char *name);

void vars_set(const char *name, const char *value);
void vars_export(const char *name);
void vars_unset(const char *name);

// Is this how a variable may be called?
bool vars_is_name(const char *name, size_t length);

// Set what "NAME=value" says; the value is taken as it is.
void vars_assign(const char *assignment);

// The exported variables as an array of "NAME=value" in the shell's arena.
char **vars_environment(void);

// Print all variables, or the exported ones, so that the shell can read them.
void vars_print(bool only_exported, const char *before);
