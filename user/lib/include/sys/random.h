// SPDX-License-Identifier: MIT
/*
 * Random bytes from the kernel.
 */
#pragma once

#include <sys/types.h>

ssize_t getrandom(void *data, size_t count, unsigned int flags);
