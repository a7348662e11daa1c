// SPDX-License-Identifier: MIT
/*
 * What the parser makes and the executor runs.  Nodes live in the shell's arena.
 *
 * A new construct is a new kind with its own part of the union: a case in the
 * parser's command() and one in exec_node().
 */
#pragma once

#include <stdbool.h>

// A word as it was written, with its quotes.
struct word {
	struct word *next;
	const char *text;
};

enum redirect_kind {
	REDIRECT_READ,       // <
	REDIRECT_WRITE,      // > and >|
	REDIRECT_APPEND,     // >>
	REDIRECT_READ_WRITE, // <>
	REDIRECT_COPY,       // <& and >&: another descriptor, or - to close
};

struct redirect {
	struct redirect *next;
	enum redirect_kind kind;
	int fd;
	const char *target; // a word
};

enum node_kind {
	NODE_SIMPLE,   // assignments and words
	NODE_PIPELINE, // two or more commands
	NODE_NOT,
	NODE_AND,
	NODE_OR,
	NODE_LIST, // one after the other, some in the background
	NODE_SUBSHELL,
	NODE_GROUP,
};

struct node {
	enum node_kind kind;
	int line;
	struct redirect *redirects; // of simple commands, subshells and groups
	struct node *next;          // in a pipeline or list
	bool background;            // in a list
	union {
		struct {
			struct word *assignments; // NAME=word
			struct word *words;
		} simple;
		struct node *first; // of a pipeline or list
		struct node *body;  // NOT, subshell, group
		struct {
			struct node *left;
			struct node *right;
		} pair; // AND, OR
	};
};
