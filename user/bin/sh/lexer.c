// SPDX-License-Identifier: MIT
/*
 * From characters to tokens.
 *
 * A word keeps its quotes: which characters are quoted matters when it is
 * expanded.  Here they only say where the word ends.  A backslash before
 * a newline joins lines, but not between single quotes.
 */
#include "lexer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"

struct builder {
	char *text; // in the arena
	size_t length;
	size_t size;
};

static void
append(struct builder *b, int c)
{
	if (b->length + 1 >= b->size) {
		size_t larger = b->size == 0 ? 32 : b->size * 2;
		char *copy = arena_alloc(&sh.arena, larger);

		if (b->length > 0)
			memcpy(copy, b->text, b->length);
		b->text = copy;
		b->size = larger;
	}
	b->text[b->length++] = (char)c;
	b->text[b->length] = '\0';
}

/*
 * The next character after joining lines.
 */
static int
get(struct lexer *lex)
{
	int c;

	while ((c = input_get(lex->in)) == '\\') {
		int next = input_get(lex->in);

		if (next != '\n') {
			input_unget(lex->in, next);
			break;
		}
	}
	return c;
}

static bool
is_operator(int c)
{
	return c != INPUT_END && c != '\0' && strchr("\n;&|()<>", c) != NULL;
}

static _Noreturn void
unclosed(struct lexer *lex, const char *what)
{
	sh.line = lex->line;
	shell_fail(STATUS_ERROR, "syntax error: %s is not closed", what);
}

static _Noreturn void
unsupported(struct lexer *lex, const char *what)
{
	sh.line = lex->in->line;
	shell_fail(STATUS_ERROR, "syntax error: %s is not supported", what);
}

static void
single_quotes(struct lexer *lex, struct builder *b)
{
	int c;

	append(b, '\'');
	do {
		c = input_get(lex->in);
		if (c == INPUT_END)
			unclosed(lex, "a ' quote");
		append(b, c);
	} while (c != '\'');
}

/*
 * Behind a $: a name in braces may hold quotes and other names.
 */
static void
dollar(struct lexer *lex, struct builder *b, bool quoted)
{
	int depth = 0;
	int c = get(lex);

	if (c == '(')
		unsupported(lex, "$( )");
	if (c != '{') {
		input_unget(lex->in, c);
		return;
	}
	for (;; c = get(lex)) {
		if (c == INPUT_END)
			unclosed(lex, "${");
		if (c == '\'' && !quoted) {
			single_quotes(lex, b);
			continue;
		}
		append(b, c);
		if (c == '{')
			depth++;
		if (c == '}' && --depth == 0)
			return;
		if (c == '\\' && (c = input_get(lex->in)) != INPUT_END)
			append(b, c);
	}
}

static void
double_quotes(struct lexer *lex, struct builder *b)
{
	int c;

	append(b, '"');
	while ((c = get(lex)) != '"') {
		if (c == INPUT_END)
			unclosed(lex, "a \" quote");
		append(b, c);
		if (c == '\\') {
			c = input_get(lex->in);
			if (c == INPUT_END)
				unclosed(lex, "a \" quote");
			append(b, c);
		} else if (c == '$') {
			dollar(lex, b, true);
		} else if (c == '`') {
			unsupported(lex, "` `");
		}
	}
	append(b, '"');
}

static enum token
word(struct lexer *lex)
{
	struct builder b = { 0 };
	bool quoted = false;
	int c;

	while (c = get(lex), c != INPUT_END && c != ' ' && c != '\t' && !is_operator(c)) {
		quoted |= c == '\'' || c == '"' || c == '\\';
		switch (c) {
		case '\'':
			single_quotes(lex, &b);
			break;
		case '"':
			double_quotes(lex, &b);
			break;
		case '\\':
			append(&b, c);
			c = input_get(lex->in);
			if (c != INPUT_END)
				append(&b, c);
			break;
		case '$':
			append(&b, c);
			dollar(lex, &b, false);
			break;
		case '`':
			unsupported(lex, "` `");
		default:
			append(&b, c);
		}
	}
	input_unget(lex->in, c);
	lex->text = b.text;
	if ((c == '<' || c == '>') && !quoted && strspn(b.text, "0123456789") == b.length)
		return TOKEN_FD;
	return TOKEN_WORD;
}

/*
 * Take the character c if it is next.
 */
static bool
follows(struct lexer *lex, int c)
{
	int next = get(lex);

	if (next == c)
		return true;
	input_unget(lex->in, next);
	return false;
}

static enum token
named(struct lexer *lex, enum token token, const char *name)
{
	lex->text = name;
	return token;
}

static enum token
less(struct lexer *lex)
{
	if (follows(lex, '&'))
		return named(lex, TOKEN_COPY_READ, "<&");
	if (follows(lex, '>'))
		return named(lex, TOKEN_READ_WRITE, "<>");
	if (follows(lex, '<'))
		unsupported(lex, "<<");
	return named(lex, TOKEN_READ, "<");
}

static enum token
greater(struct lexer *lex)
{
	if (follows(lex, '&'))
		return named(lex, TOKEN_COPY_WRITE, ">&");
	if (follows(lex, '>'))
		return named(lex, TOKEN_APPEND, ">>");
	if (follows(lex, '|'))
		return named(lex, TOKEN_CLOBBER, ">|");
	return named(lex, TOKEN_WRITE, ">");
}

static enum token
operator(struct lexer *lex, int c) {
	switch (c){
		case '\n' : return named(lex, TOKEN_NEWLINE, "newline");
		case ';' : return named(lex, TOKEN_SEMICOLON, ";");
		case '(' : return named(lex, TOKEN_OPEN, "(");
		case ')' : return named(lex, TOKEN_CLOSE, ")");
		case '<' : return less(lex);
		case '>' : return greater(lex);
		case '&' : return follows(lex, '&') ? named(lex, TOKEN_AND, "&&")
						    : named(lex, TOKEN_BACKGROUND, "&");
		default : return follows(lex, '|') ? named(lex, TOKEN_OR, "||")
						   : named(lex, TOKEN_PIPE, "|");
	}
}

static enum token
scan(struct lexer *lex)
{
	int c;

	do
		c = get(lex);
	while (c == ' ' || c == '\t');
	if (c == '#') {
		while (c != '\n' && c != INPUT_END)
			c = input_get(lex->in);
	}
	lex->line = lex->in->line - (c == '\n');
	sh.line = lex->line;
	if (c == INPUT_END)
		return named(lex, TOKEN_END, "end of input");
	if (is_operator(c))
		return operator(lex, c);
	input_unget(lex->in, c);
	return word(lex);
}

enum token
lexer_peek(struct lexer *lex)
{
	if (!lex->peeked) {
		lex->token = scan(lex);
		lex->peeked = true;
	}
	return lex->token;
}

enum token
lexer_take(struct lexer *lex)
{
	enum token token = lexer_peek(lex);

	lex->peeked = false;
	return token;
}
