// SPDX-License-Identifier: MIT
/*
 * Regular expressions: does a pattern match anywhere in a line?
 *
 * Basic ones (POSIX.1-2017, 9.3): . * ^ $ [] and with a backslash \( \) \{m,n\},
 * as well as GNU's \? \+ \|.  Extended ones (9.4): these without the backslash.
 * Both know \w \W \s \S.  There are no back-references.
 *
 * The pattern becomes a small program for a machine that follows all ways to
 * match at once, so the time for a line grows with its length times the length
 * of the program, whatever the pattern.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum regex_kind { REGEX_BASIC, REGEX_EXTENDED, REGEX_FIXED };

enum regex_flags {
	REGEX_IGNORE_CASE = 1,
	REGEX_WHOLE_LINE = 2,
};

struct regex;

// Compile a pattern.  Returns NULL with *error set to what is wrong with it;
// NULL there means out of memory.
struct regex *regex_compile(const char *pattern, size_t length, enum regex_kind kind,
			    unsigned int flags, const char **error);

// Does it match anywhere in the line, which has no newline?
bool regex_match(struct regex *re, const char *line, size_t length);

void regex_free(struct regex *re);
