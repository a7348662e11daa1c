// SPDX-License-Identifier: MIT
/*
 * Kernel messages.
 *
 * print() formats a line, keeps it in the log ring (lib/log.h) with time and
 * level, and passes it to the sink if the level is at or above the console's.
 * Takes a raw lock of its own and allocates nothing, so any context may print.
 * A message is one or more whole lines: a newline at its end is not needed.
 * Messages are cut after about a thousand characters.
 *
 * Formats: ISO C's d i u x X o c s p % with flags, width, precision and the
 * sizes hh h l ll z t j.  No floating point.
 */
#pragma once

#include <stdarg.h>

#include "arch/types.h"

enum print_level {
	PRINT_ERROR,   // something is lost
	PRINT_WARNING, // something is wrong
	PRINT_INFO,    // worth knowing
	PRINT_DEBUG,   // in the ring only, unless asked for
};

void print_at(enum print_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void print_va(enum print_level level, const char *format, va_list args);

#define print(...)       print_at(PRINT_INFO, __VA_ARGS__)
#define print_warn(...)  print_at(PRINT_WARNING, __VA_ARGS__)
#define print_error(...) print_at(PRINT_ERROR, __VA_ARGS__)
#define print_debug(...) print_at(PRINT_DEBUG, __VA_ARGS__)

// One message a second from this place in the source; how many were left out
// is said with the next one.
#define print_limited(level, ...)                       \
	do {                                            \
		static struct print_limit limit_;       \
		if (print_allowed(&limit_))             \
			print_at((level), __VA_ARGS__); \
	} while (0)

struct print_limit {
	uint64_t last;    // [a] ns of the last message
	uint64_t dropped; // [a]
};
bool print_allowed(struct print_limit *limit);

// Messages up to and including level go to the sink as well (boot argument
// "quiet" leaves errors only).
void print_set_console_level(enum print_level level);

// Where console output goes; the UART driver sets it, and until then it is the
// firmware's console.  Called with interrupts off, one call at a time.  Must not
// print.
void print_set_sink(void (*sink)(const char *bytes, size_t n));

// Like ISO C's: returns the length that the whole text has; writes at most
// size bytes with the NUL.
int format_string(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int format_string_va(char *to, size_t size, const char *format, va_list args);

// From now on the caller prints without waiting for any lock, and messages of
// all others are dropped (a panic).  A second call gives up the sink, too, for
// the firmware's console.
void print_enter_panic(void);
