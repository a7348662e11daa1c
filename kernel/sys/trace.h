// SPDX-License-Identifier: MIT
/*
 * The call trace: each system call of a traced process as a line in the log,
 * such as
 *
 *	sh[7] openat(AT_FDCWD, "/etc/motd", 0x8000, 00) = 3
 *
 * The types of the arguments (kernel/sys/syscalls.list) say how they look.
 */
#pragma once

#include "arch/types.h"

// Make call number with these registers and print it with its result.
int64_t trace_call(uint64_t number, const uint64_t args[6]);
