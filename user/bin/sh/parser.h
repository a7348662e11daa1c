// SPDX-License-Identifier: MIT
/*
 * From tokens to a tree (POSIX.1-2017, XCU 2.10.2).
 */
#pragma once

#include "ast.h"
#include "lexer.h"

// Parse up to the end of a line that completes a command.  Returns NULL for a
// line that holds none, or at the end of the input, when *end is set.  An error
// gives the command up.
struct node *parse_command(struct lexer *lex, bool *end);
