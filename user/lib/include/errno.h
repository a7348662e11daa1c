// SPDX-License-Identifier: MIT
/*
 * errno: why the last call failed.
 */
#pragma once

#include <abi/errno.h>

int *__errno_location(void) __attribute__((const));

#define errno (*__errno_location())
