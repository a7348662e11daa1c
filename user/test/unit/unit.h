// SPDX-License-Identifier: MIT
/*
 * Unit tests of the C library on the host, under sanitizers.
 *
 * test_unit.py compiles the library's files with the library's own headers and
 * gives every symbol of theirs the prefix lib_.  A test is compiled with the
 * host's headers, so it can compare lib_snprintf() with snprintf().
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

// Say what was expected where; the program then fails at its end.
void unit_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

// The status for main() to return.  Fails if fewer checks were made than that.
int unit_end(unsigned long least);

extern unsigned long unit_checks;

#define CHECK(condition)                                                 \
	do {                                                             \
		unit_checks++;                                           \
		if (!(condition))                                        \
			unit_fail(__FILE__, __LINE__, "%s", #condition); \
	} while (0)

#define CHECK_TEXT(got, want, ...)                                               \
	do {                                                                     \
		const char *unit_got = (got), *unit_want = (want);               \
		unit_checks++;                                                   \
		if (strcmp(unit_got, unit_want) != 0) {                          \
			unit_fail(__FILE__, __LINE__, __VA_ARGS__);              \
			unit_fail(__FILE__, __LINE__, "  got  '%s'", unit_got);  \
			unit_fail(__FILE__, __LINE__, "  want '%s'", unit_want); \
		}                                                                \
	} while (0)

// Numbers that repeat from run to run.
uint64_t unit_random(void);

// One below a limit.
uint64_t unit_below(uint64_t limit);

// The library's errno.
extern int unit_errno;
