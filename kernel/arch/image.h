// SPDX-License-Identifier: MIT
/*
 * Symbols that kernel.ld sets: where the parts of the image lie.
 */
#pragma once

#include "arch/types.h"

extern char image_start[], image_end[];
extern char text_start[], text_end[];
// The boot stack's guard, of KSTACK_SIZE bytes, which memory_init() unmaps.
extern char boot_stack_guard[]; // entry.S
extern char rodata_start[], data_start[], bss_start[], bss_end[];
