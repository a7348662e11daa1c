// SPDX-License-Identifier: MIT
/*
 * Other names for the kernel's functions that the C library has too, for
 * lib/string.c and its test.
 */
#pragma once

#define memset  kernel_memset
#define memcpy  kernel_memcpy
#define memmove kernel_memmove
#define memcmp  kernel_memcmp
#define memchr  kernel_memchr
#define strlen  kernel_strlen
#define strnlen kernel_strnlen
#define strcmp  kernel_strcmp
#define strncmp kernel_strncmp
#define strchr  kernel_strchr
#define strrchr kernel_strrchr
