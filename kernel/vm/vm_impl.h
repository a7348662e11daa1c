// SPDX-License-Identifier: MIT
/*
 * Where things lie in a program's address space, for the files of vm/.
 */
#pragma once

#include "arch/layout.h"

// Mappings without an address are placed from the top down.  Above them is room
// for the stack, below for the program and its heap.
#define MMAP_BOTTOM UINT64_C(0x0000000010000000)
#define MMAP_TOP    UINT64_C(0x0000003f00000000)

// Bytes that stay unmapped between a stack and what lies below it, however far
// it grows: a stack that overflows by one frame hits nothing.
#define STACK_GAP (256 * PAGE_SIZE)
