// SPDX-License-Identifier: MIT
/*
 * Mapping memory.
 */
#pragma once

#include <sys/types.h>

#include <abi/mman.h>

// Returns MAP_FAILED, not NULL, on an error.
void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int munmap(void *address, size_t length);
int mprotect(void *address, size_t length, int protection);
