// SPDX-License-Identifier: MIT
/*
 * A file that appears whole or not at all: it is written under a temporary
 * name beside its own and renamed at the end.  When mkfs fails, or is stopped
 * by a signal, the temporary file goes away and what was there before stays.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

// Begin to write path, sparse and size bytes long.  There is one at a time.
void output_begin(const char *path, uint64_t size);
void output_write(uint64_t offset, const void *data, size_t length);
void output_commit(void);
