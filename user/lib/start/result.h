// SPDX-License-Identifier: MIT
/*
 * A raw system call returns a negative error number; a C function returns -1
 * and sets errno.
 */
#pragma once

#include "syscalls.h"

// Turn the one into the other; anything that is no error is returned as it is.
long __result(long raw);
