// SPDX-License-Identifier: MIT
/*
 * Redirections of descriptors, for good or for a while.
 */
#pragma once

#include <stdbool.h>

#include "ast.h"

// Do what the list says, in order.  With keep the old descriptors are kept for
// redirect_restore().  Complains and returns false if one fails; those before
// it stay.
bool redirect_apply(const struct redirect *list, bool keep);

// How many old descriptors are kept; undo all since there were so many.
int redirect_mark(void);
void redirect_restore(int mark);

// Move a descriptor out of the way of those that users name.
int redirect_move_up(int fd);
