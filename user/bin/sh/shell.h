// SPDX-License-Identifier: MIT
/*
 * The shell's state and its way of giving up.
 *
 * A line of input goes through these modules, each of which knows only those
 * before it:
 *
 *	input	characters, from a terminal, a script or a string
 *	lexer	tokens: words, still quoted, and operators
 *	parser	a tree (ast.h) of what to run
 *	expand	words to fields: variables in, quotes off
 *	exec	runs a tree, with redirect, job and builtin
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "arena.h"

enum {
	STATUS_ERROR = 2, // of syntax, or of a builtin's usage
	STATUS_CANNOT_RUN = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_SIGNAL = 128, // plus its number
};

struct shell {
	const char *name;                  // $0
	bool interactive;                  // prompts, and survives errors
	bool show_lines;                   // in complaints
	bool own_groups;                   // each job is a process group of its own
	bool exit_on_error;                // set -e
	bool trace;                        // set -x
	int status;                        // $?
	pid_t pid;                         // $$, the same in subshells
	pid_t background;                  // $!, 0 for none
	int line;                          // of the command being run
	char **positional;                 // $1 ..., in memory for free(), ends with NULL
	struct arena arena;                // what lives as long as the command being run
	volatile sig_atomic_t interrupted; // by ^C
};

extern struct shell sh;

// Print "NAME: line N: message".
void shell_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The same; then give the command up, and a shell that is not interactive too.
_Noreturn void shell_fail(int status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

// Give the command up because of ^C.
_Noreturn void shell_interrupt(void);

_Noreturn void shell_exit(int status);

// In a new child: be no interactive shell any more, react to signals as others do.
void shell_become_child(void);

// Run all that a file, or a string, says; return the last status.
int shell_run_file(int fd, bool is_terminal);
int shell_run_string(const char *text, bool may_exec);
