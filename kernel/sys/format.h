// SPDX-License-Identifier: MIT
/*
 * System calls as text, for the call trace.  Without processes or locks, so
 * that a unit test can have it.
 */
#pragma once

#include "arch/types.h"

struct syscall_entry;

// Bytes of a string or buffer that are shown.
#define FORMAT_BYTES_MAX 48

// How the program's memory is read: a string as copy_in_string() does it, n
// bytes as copy_in() does.
struct format_memory {
	int64_t (*string)(char *to, uaddr_t from, uint64_t size);
	int (*bytes)(void *to, uaddr_t from, uint64_t n);
};

// "name(argument, ...)" into to, cut to size with its NUL.  Returns the length.
size_t format_call(char *to, size_t size, const struct syscall_entry *call, const uint64_t args[6],
		   const struct format_memory *memory);

// The name of an error number, such as "ENOENT", or NULL.
const char *format_errno(int number);

// " = result", with the name of an error.  Returns the length.
size_t format_result(char *to, size_t size, int64_t result);
