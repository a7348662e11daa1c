// SPDX-License-Identifier: MIT
/*
 * From words to what they mean (POSIX.1-2017, XCU 2.6): ~ and $ are replaced,
 * values that are not quoted fall apart at white space, quotes go.  An error
 * gives the command up.  All results live in the shell's arena.
 */
#pragma once

#include "ast.h"

struct fields {
	char **list; // ends with NULL
	int count;
};

// Each word becomes any number of fields.
struct fields expand_words(const struct word *words);

// A word becomes one string, as in an assignment or a redirection.
char *expand_string(const char *word);

// "NAME=word" becomes "NAME=value".
char *expand_assignment(const char *assignment);
