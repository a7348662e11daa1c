// SPDX-License-Identifier: MIT
/*
 * Symbols that kernel.ld sets: where the parts of the image lie.
 */
#pragma once

#include "arch/types.h"

extern char image_start[], image_end[];
extern char text_start[], text_end[];
extern char rodata_start[], data_start[], bss_start[], bss_end[];
