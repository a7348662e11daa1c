// SPDX-License-Identifier: MIT
/*
 * Tokens of the shell's language (POSIX.1-2017, XCU 2.3 and 2.10).
 */
#pragma once

#include "input.h"

enum token {
	TOKEN_END,
	TOKEN_NEWLINE,
	TOKEN_WORD,
	TOKEN_FD,         // a number right before < or >
	TOKEN_AND,        // &&
	TOKEN_OR,         // ||
	TOKEN_PIPE,       // |
	TOKEN_BACKGROUND, // &
	TOKEN_SEMICOLON,  // ;
	TOKEN_OPEN,       // (
	TOKEN_CLOSE,      // )
	TOKEN_READ,       // <
	TOKEN_WRITE,      // >
	TOKEN_APPEND,     // >>
	TOKEN_CLOBBER,    // >|
	TOKEN_READ_WRITE, // <>
	TOKEN_COPY_READ,  // <&
	TOKEN_COPY_WRITE, // >&
};

struct lexer {
	struct input *in;
	bool peeked;
	enum token token; // the current one, if peeked
	int line;         // where it began
	const char *text; // of a word or number, in the shell's arena; else a name
};

// What the next token is; it stays the next one.
enum token lexer_peek(struct lexer *lex);

// Take it.
enum token lexer_take(struct lexer *lex);
