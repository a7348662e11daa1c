// SPDX-License-Identifier: MIT
/*
 * Finding programs, and becoming them.
 */
#pragma once

// Become a program, found through PATH.  A failure gives the command up: that
// ends a shell that is not interactive.
_Noreturn void program_exec(char **argv);
