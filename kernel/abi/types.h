// SPDX-License-Identifier: MIT
/*
 * The scalars that system calls pass, by their POSIX names.
 *
 * Each is the same type on a 64-bit Linux host, so a unit test may include
 * this beside the host's own headers.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef int64_t ssize_t;
typedef int64_t off_t;
typedef int32_t pid_t;
typedef uint32_t uid_t;
typedef uint32_t gid_t;
typedef uint32_t id_t;
typedef uint32_t mode_t;
typedef uint64_t dev_t;
typedef uint64_t ino_t;
typedef int64_t time_t;
typedef int64_t suseconds_t;
typedef int64_t clock_t;
typedef int32_t clockid_t;
