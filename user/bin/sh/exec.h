// SPDX-License-Identifier: MIT
/*
 * Running trees.
 */
#pragma once

#include "ast.h"

enum exec_flags {
	EXEC_TESTED = 1, // someone looks at the status: set -e does not apply
	EXEC_EXIT = 2,   // nothing follows: the shell may become the program
};

// Run it; return its status, which is $? too.
int exec_node(const struct node *n, unsigned int flags);
