// SPDX-License-Identifier: MIT
/*
 * assert(): ends the program with file and line if a condition is false.
 */
#pragma once

_Noreturn void __assert_fail(const char *condition, const char *file, int line,
			     const char *function);

// Included again after NDEBUG has changed, this is defined anew (C17, 7.2).
#undef assert
#define assert(condition) \
	((condition) ? (void)0 : __assert_fail(#condition, __FILE__, __LINE__, __func__))

#undef static_assert
#define static_assert _Static_assert
