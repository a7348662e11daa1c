// SPDX-License-Identifier: MIT
/*
 * How mkfs gives up: one line on standard error that begins with "mkfs: " and
 * names the thing, then exit status 1.  What was begun is undone by whoever
 * began it, with atexit().
 */
#pragma once

#include <stddef.h>

// Say it and exit.
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// malloc, calloc and realloc that never return NULL.
void *must_alloc(size_t count, size_t size);
void *must_grow(void *old, size_t count, size_t size);
