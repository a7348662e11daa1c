// SPDX-License-Identifier: MIT
/*
 * What the kernel tells a new program.
 */
#pragma once

#include <abi/auxv.h>

// The value of that kind (AT_...), or 0 with errno ENOENT if there is none.
unsigned long getauxval(unsigned long type);
