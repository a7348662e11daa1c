// SPDX-License-Identifier: MIT
/*
 * The engine under all of printf(): text goes to a sink, piece by piece.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct sink {
	void (*write)(struct sink *sink, const char *text, size_t length);
	size_t total; // characters so far
};

// One conversion: %[flags][width][.precision][length]conversion
struct conversion {
	bool left;      // -
	bool plus;      // +
	bool space;     // ' '
	bool alternate; // #
	bool zero;      // 0
	char length;    // h l j z t L, H for hh; ll is l
	char letter;    // d, s, ...
	size_t width;   // at least
	long precision; // -1 if not given
};

// Write what format and args say.  Return its length, or -1 with errno set to
// EOVERFLOW if that is no int.
int __format(struct sink *sink, const char *format, va_list args);

// Pieces, for the engine's own files.
void __format_text(struct sink *sink, const char *text, size_t length);
void __format_repeat(struct sink *sink, char c, size_t count);
void __format_double(struct sink *sink, const struct conversion *cv, double x);
