// SPDX-License-Identifier: MIT
/*
 * Strings, upper and lower case alike.
 */
#pragma once

#include <stddef.h>

int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t limit);
int ffs(int n);
void bzero(void *memory, size_t count);
