// SPDX-License-Identifier: MIT
/*
 * Bytes and strings: ISO C 7.24, as far as the kernel needs it.
 */
#pragma once

#include "arch/types.h"

void *memset(void *to, int byte, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int byte, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

// Copy a string into size bytes, always with a NUL.  Returns 0 or
// -ENAMETOOLONG if it was cut.
int string_copy(char *to, const char *from, size_t size);

// An unsigned number in base 0 (0x prefix, 0 prefix or decimal), 8, 10 or 16.
// Returns 0 and stores it, or -EINVAL for anything but a number to the end or
// -ERANGE.
int string_to_number(const char *s, unsigned base, uint64_t *value);
