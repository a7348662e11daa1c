// SPDX-License-Identifier: MIT
/*
 * The memory of a new program.
 */
#pragma once

#include "arch/types.h"

struct args;
struct elf_image;
struct file;

// The stack of a program may grow to this (RLIMIT_STACK).
#define STACK_SIZE_MAX UINT64_C(0x800000)

// Prepare what all programs share.  Boot, once.
void image_init(void);

// Fill the current thread's space, which is empty, with the program in f and
// its stack.  *sp gets the stack pointer at its start.  -ENOMEM, -E2BIG, -EIO,
// -ENOEXEC (the file has changed meanwhile).
int image_load(struct file *f, const struct elf_image *image, const struct args *a,
	       const char *path, uaddr_t *sp);
