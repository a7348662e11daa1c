// SPDX-License-Identifier: MIT
/*
 * Recursive descent, a function for each rule:
 *
 *	list:     and_or  (; or &)  and_or ...
 *	and_or:   pipeline  (&& or ||)  pipeline ...
 *	pipeline: [!] command | command ...
 *	command:  ( list ) redirections
 *	          { list } redirections
 *	          assignments, words and redirections
 *
 * Newlines may follow && || | and, within parentheses and braces, stand for ;.
 */
#include "parser.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"

#define DEPTH_MAX 200 // of parentheses and braces

struct parser {
	struct lexer *lex;
	int depth;
};

static struct node *list(struct parser *p, bool nested);

static struct node *
make_node(enum node_kind kind, int line)
{
	struct node *n = arena_alloc(&sh.arena, sizeof(*n));

	*n = (struct node){ .kind = kind, .line = line };
	return n;
}

static _Noreturn void
unexpected(struct parser *p)
{
	lexer_peek(p->lex);
	sh.line = p->lex->line;
	shell_fail(STATUS_ERROR, "syntax error: unexpected %s%s%s",
		   p->lex->token == TOKEN_WORD ? "'" : "", p->lex->text,
		   p->lex->token == TOKEN_WORD ? "'" : "");
}

static void
skip_newlines(struct parser *p)
{
	while (lexer_peek(p->lex) == TOKEN_NEWLINE)
		lexer_take(p->lex);
}

static bool
at_word(struct parser *p, const char *text)
{
	return lexer_peek(p->lex) == TOKEN_WORD && strcmp(p->lex->text, text) == 0;
}

static bool
is_redirect(enum token token)
{
	return token == TOKEN_FD || token >= TOKEN_READ;
}

static struct redirect *
redirect(struct parser *p)
{
	static const struct {
		enum redirect_kind kind;
		int fd;
	} kinds[] = {
		[TOKEN_READ] = { REDIRECT_READ, 0 },
		[TOKEN_WRITE] = { REDIRECT_WRITE, 1 },
		[TOKEN_APPEND] = { REDIRECT_APPEND, 1 },
		[TOKEN_CLOBBER] = { REDIRECT_WRITE, 1 },
		[TOKEN_READ_WRITE] = { REDIRECT_READ_WRITE, 0 },
		[TOKEN_COPY_READ] = { REDIRECT_COPY, 0 },
		[TOKEN_COPY_WRITE] = { REDIRECT_COPY, 1 },
	};
	struct redirect *r = arena_alloc(&sh.arena, sizeof(*r));
	enum token token = lexer_take(p->lex);
	long fd = -1;

	if (token == TOKEN_FD) {
		fd = strtol(p->lex->text, NULL, 10);
		if (fd > INT_MAX)
			fd = INT_MAX; // open() or dup() will refuse it
		token = lexer_take(p->lex);
	}
	*r = (struct redirect){ .kind = kinds[token].kind, .fd = (int)fd };
	if (fd < 0)
		r->fd = kinds[token].fd;
	if (lexer_peek(p->lex) != TOKEN_WORD)
		unexpected(p);
	lexer_take(p->lex);
	r->target = p->lex->text;
	return r;
}

static void
redirects(struct parser *p, struct node *n)
{
	struct redirect **tail = &n->redirects;

	while (is_redirect(lexer_peek(p->lex))) {
		*tail = redirect(p);
		tail = &(*tail)->next;
	}
}

static bool
is_assignment(const char *text)
{
	const char *p = text;

	while (isalnum((unsigned char)*p) || *p == '_')
		p++;
	return p > text && *p == '=' && !isdigit((unsigned char)*text);
}

static struct word *
make_word(const char *text)
{
	struct word *w = arena_alloc(&sh.arena, sizeof(*w));

	*w = (struct word){ .text = text };
	return w;
}

static struct node *
simple(struct parser *p)
{
	struct node *n = make_node(NODE_SIMPLE, p->lex->line);
	struct word **assignment = &n->simple.assignments;
	struct word **word = &n->simple.words;
	struct redirect **redirection = &n->redirects;

	for (;;) {
		enum token token = lexer_peek(p->lex);

		if (is_redirect(token)) {
			*redirection = redirect(p);
			redirection = &(*redirection)->next;
		} else if (token != TOKEN_WORD) {
			break;
		} else if (n->simple.words == NULL && is_assignment(p->lex->text)) {
			*assignment = make_word(p->lex->text);
			assignment = &(*assignment)->next;
			lexer_take(p->lex);
		} else {
			*word = make_word(p->lex->text);
			word = &(*word)->next;
			lexer_take(p->lex);
		}
	}
	if (n->simple.words == NULL && n->simple.assignments == NULL && n->redirects == NULL)
		unexpected(p);
	return n;
}

/*
 * What is between parentheses or braces; the opening one is next.
 */
static struct node *
compound(struct parser *p, enum node_kind kind)
{
	struct node *n = make_node(kind, p->lex->line);

	if (++p->depth > DEPTH_MAX)
		shell_fail(STATUS_ERROR, "syntax error: too deeply nested");
	lexer_take(p->lex);
	n->body = list(p, true);
	if (kind == NODE_SUBSHELL ? lexer_peek(p->lex) != TOKEN_CLOSE : !at_word(p, "}"))
		unexpected(p);
	lexer_take(p->lex);
	p->depth--;
	redirects(p, n);
	return n;
}

static struct node *
command(struct parser *p)
{
	static const char *const reserved[] = { "if",   "then", "elif",  "else",  "fi", "case",
						"esac", "for",  "while", "until", "do", "done" };

	if (lexer_peek(p->lex) == TOKEN_OPEN)
		return compound(p, NODE_SUBSHELL);
	if (at_word(p, "{"))
		return compound(p, NODE_GROUP);
	if (at_word(p, "}") || at_word(p, "!"))
		unexpected(p);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (at_word(p, reserved[i]))
			shell_fail(STATUS_ERROR, "syntax error: '%s' is not supported",
				   reserved[i]);
	}
	return simple(p);
}

static struct node *
pipeline(struct parser *p)
{
	bool negated = at_word(p, "!");
	struct node *n, *pipe, **tail;

	if (negated)
		lexer_take(p->lex);
	n = command(p);
	if (lexer_peek(p->lex) == TOKEN_PIPE) {
		pipe = make_node(NODE_PIPELINE, n->line);
		pipe->first = n;
		tail = &n->next;
		while (lexer_peek(p->lex) == TOKEN_PIPE) {
			lexer_take(p->lex);
			skip_newlines(p);
			*tail = command(p);
			tail = &(*tail)->next;
		}
		n = pipe;
	}
	if (negated) {
		struct node *not = make_node(NODE_NOT, n->line);

		not ->body = n;
		n = not ;
	}
	return n;
}

static struct node *
and_or(struct parser *p)
{
	struct node *left = pipeline(p);

	for (;;) {
		enum token token = lexer_peek(p->lex);
		struct node *both;

		if (token != TOKEN_AND && token != TOKEN_OR)
			return left;
		lexer_take(p->lex);
		skip_newlines(p);
		both = make_node(token == TOKEN_AND ? NODE_AND : NODE_OR, left->line);
		both->pair.left = left;
		both->pair.right = pipeline(p);
		left = both;
	}
}

/*
 * Between parentheses and braces newlines separate commands; elsewhere one
 * ends the list.
 */
static struct node *
list(struct parser *p, bool nested)
{
	struct node *l;
	struct node **tail;

	if (nested)
		skip_newlines(p);
	l = make_node(NODE_LIST, p->lex->line);
	tail = &l->first;
	for (;;) {
		enum token token;

		*tail = and_or(p);
		token = lexer_peek(p->lex);
		(*tail)->background = token == TOKEN_BACKGROUND;
		tail = &(*tail)->next;
		if (token == TOKEN_SEMICOLON || token == TOKEN_BACKGROUND)
			lexer_take(p->lex);
		else if (token != TOKEN_NEWLINE || !nested)
			return l;
		if (nested)
			skip_newlines(p);
		token = lexer_peek(p->lex);
		if (token == TOKEN_END || token == TOKEN_NEWLINE || token == TOKEN_CLOSE ||
		    at_word(p, "}"))
			return l;
	}
}

struct node *
parse_command(struct lexer *lex, bool *end)
{
	struct parser p = { .lex = lex };
	struct node *n = NULL;

	*end = false;
	lex->in->continued = false;
	if (lexer_peek(lex) == TOKEN_END) {
		*end = true;
		return NULL;
	}
	lex->in->continued = true;
	if (lexer_peek(lex) != TOKEN_NEWLINE) {
		n = list(&p, false);
		if (lexer_peek(lex) != TOKEN_NEWLINE && lexer_peek(lex) != TOKEN_END)
			unexpected(&p);
	}
	// The end stays for the next call.
	if (lexer_peek(lex) == TOKEN_NEWLINE)
		lexer_take(lex);
	return n;
}
