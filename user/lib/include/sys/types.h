// SPDX-License-Identifier: MIT
/*
 * Scalars of POSIX.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <abi/types.h>

typedef uint32_t nlink_t;
typedef int32_t blksize_t;
typedef int64_t blkcnt_t;
typedef uint32_t useconds_t;
