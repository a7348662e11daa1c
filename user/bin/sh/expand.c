// SPDX-License-Identifier: MIT
/*
 * Expansion of words, in one pass from left to right.
 *
 * The field being built is begun as soon as it has a character or a quote: so
 * '' is an empty field, and an empty variable is none.  Replaced values are
 * appended, cut at the characters of IFS unless they are quoted; a new kind
 * of expansion is a case in dollar() that calls append_value().
 */
#include "expand.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "param.h"
#include "shell.h"
#include "vars.h"

struct expansion {
	const char *p; // what is left of the word
	const char *end;
	bool split;  // values that are not quoted become several fields
	bool quoted; // between double quotes
	bool nested; // within ${ }
	bool begun;  // a field
	bool after_space;
	const char *ifs;
	char *text; // the field
	size_t length;
	size_t size;
	struct fields fields;
	int room;
};

static void expand_inner(struct expansion *x, const char *word, size_t length);

static void
append(struct expansion *x, char c)
{
	if (x->length + 1 >= x->size) {
		size_t larger = x->size == 0 ? 64 : x->size * 2;
		char *copy = arena_alloc(&sh.arena, larger);

		if (x->length > 0)
			memcpy(copy, x->text, x->length);
		x->text = copy;
		x->size = larger;
	}
	x->text[x->length++] = c;
	x->begun = true;
}

static void
add_field(struct expansion *x, char *text)
{
	if (x->fields.count + 1 >= x->room) {
		int larger = x->room == 0 ? 8 : x->room * 2;
		char **copy = arena_alloc(&sh.arena, (size_t)larger * sizeof(*copy));

		if (x->fields.count > 0)
			memcpy(copy, x->fields.list, (size_t)x->fields.count * sizeof(*copy));
		x->fields.list = copy;
		x->room = larger;
	}
	x->fields.list[x->fields.count++] = text;
	x->fields.list[x->fields.count] = NULL;
}

static void
end_field(struct expansion *x)
{
	add_field(x, arena_string(&sh.arena, x->text == NULL ? "" : x->text, x->length));
	x->length = 0;
	x->begun = false;
}

/*
 * White space in IFS separates fields in any amount; each other character of
 * it ends one, with the white space around it (XCU 2.6.5).
 */
static void
append_split(struct expansion *x, const char *value)
{
	x->after_space = false;
	for (; *value != '\0'; value++) {
		if (strchr(x->ifs, *value) == NULL) {
			append(x, *value);
			x->after_space = false;
		} else if (isspace((unsigned char)*value)) {
			if (x->begun) {
				end_field(x);
				x->after_space = true;
			}
		} else if (!x->begun && x->after_space) {
			x->after_space = false;
		} else {
			end_field(x);
		}
	}
}

static void
append_value(struct expansion *x, const char *value)
{
	if (x->split && !x->quoted) {
		append_split(x, value);
		return;
	}
	for (; *value != '\0'; value++)
		append(x, *value);
}

static void
append_literal(struct expansion *x, char c)
{
	if (x->nested)
		append_value(x, (char[]){ c, '\0' });
	else
		append(x, c);
}

/*
 * $@ makes fields of its own even when quoted, $* only when not.
 */
static void
append_positional(struct expansion *x, char which)
{
	char separator = which == '@' || x->ifs[0] == '\0' ? ' ' : x->ifs[0];

	for (char **p = sh.positional; *p != NULL; p++) {
		append_value(x, *p);
		if (p[1] == NULL)
			break;
		if (x->split && (which == '@' || !x->quoted)) {
			if (x->begun || x->quoted)
				end_field(x);
			x->begun = x->quoted;
		} else if (which == '@' || *x->ifs != '\0') {
			append(x, separator);
		}
	}
}

static _Noreturn void
bad_substitution(const char *inner, size_t length)
{
	shell_fail(STATUS_ERROR, "${%.*s}: bad substitution", (int)length, inner);
}

/*
 * Expand a word within ${ } on its own, to a string.
 */
static char *
inner_string(const char *word, size_t length)
{
	return expand_string(arena_string(&sh.arena, word, length));
}

/*
 * ${name:-word} and its kin.  With the colon an empty value counts as none.
 */
static void
conditional(struct expansion *x, const char *name, const char *rest, size_t length)
{
	const char *value = param_value(name);
	bool colon = *rest == ':';
	const char *word = rest + colon + 1;
	size_t word_length = length - colon - 1;
	char operator;

	if (length < 1U + colon || strchr("-=?+", rest[colon]) == NULL)
		bad_substitution(name, strlen(name));
	operator= rest[colon];
	if (*name == '@' || *name == '*')
		value = sh.positional[0];
	if (value != NULL && colon && *value == '\0')
		value = NULL;
	if (operator== '+') {
		if (value != NULL)
			expand_inner(x, word, word_length);
		return;
	}
	if (value != NULL) {
		if (*name == '@' || *name == '*')
			append_positional(x, *name);
		else
			append_value(x, value);
		return;
	}
	if (operator== '-') {
		expand_inner(x, word, word_length);
	} else if (operator== '=') {
		if (!vars_is_name(name, strlen(name)))
			bad_substitution(name, strlen(name));
		vars_set(name, inner_string(word, word_length));
		append_value(x, vars_get(name));
	} else {
		const char *message = inner_string(word, word_length);

		shell_fail(STATUS_ERROR, "%s: %s", name,
			   *message == '\0' ? "parameter not set" : message);
	}
}

static void
braces(struct expansion *x, const char *inner, size_t length)
{
	bool wants_length = length > 1 && inner[0] == '#';
	const char *start = inner + wants_length;
	const char *end = inner + length;
	size_t name_size = param_name_length(start, end, true);
	const char *name = arena_string(&sh.arena, start, name_size);
	const char *value;

	if (name_size == 0)
		bad_substitution(inner, length);
	if (wants_length && start + name_size == end) {
		value = param_value(name);
		append_value(x, param_number(value == NULL ? 0 : (long)strlen(value)));
	} else if (wants_length) {
		bad_substitution(inner, length);
	} else if (start + name_size < end) {
		conditional(x, name, start + name_size, length - name_size);
	} else if (*name == '@' || *name == '*') {
		append_positional(x, *name);
	} else if ((value = param_value(name)) != NULL) {
		append_value(x, value);
	}
}

/*
 * Where the brace that x->p is behind is closed.
 */
static const char *
closing_brace(const struct expansion *x)
{
	int depth = 1;
	bool single = false;

	for (const char *p = x->p; p < x->end; p++) {
		if (*p == '\'' && !x->quoted)
			single = !single;
		else if (single)
			continue;
		else if (*p == '\\' && p + 1 < x->end)
			p++;
		else if (*p == '{')
			depth++;
		else if (*p == '}' && --depth == 0)
			return p;
	}
	return x->end;
}

static void
dollar(struct expansion *x)
{
	size_t length;

	if (x->p < x->end && *x->p == '{') {
		const char *inner = ++x->p;
		const char *close = closing_brace(x);

		x->p = close < x->end ? close + 1 : close;
		braces(x, inner, (size_t)(close - inner));
		return;
	}
	length = param_name_length(x->p, x->end, false);
	if (length == 0) {
		append(x, '$');
		return;
	}
	braces(x, x->p, length);
	x->p += length;
}

/*
 * Nothing but "$@" between the quotes makes no field if there are no parameters.
 */
static bool
is_empty_at(const struct expansion *x)
{
	if (sh.positional[0] != NULL)
		return false;
	return strncmp(x->p, "$@\"", 3) == 0 || strncmp(x->p, "${@}\"", 5) == 0;
}

static void
backslash(struct expansion *x)
{
	if (x->p == x->end || (x->quoted && strchr("$`\"\\", *x->p) == NULL)) {
		append(x, '\\');
		return;
	}
	append(x, *x->p++);
}

static void
single_quotes(struct expansion *x)
{
	x->begun = true;
	while (x->p < x->end && *x->p != '\'')
		append(x, *x->p++);
	if (x->p < x->end)
		x->p++;
}

/*
 * ~ or ~/... at the start of a word.
 */
static void
tilde(struct expansion *x)
{
	const char *home = vars_get("HOME");

	if (x->p == x->end || *x->p != '~' || home == NULL)
		return;
	if (x->p + 1 < x->end && x->p[1] != '/')
		return;
	x->p++;
	for (; *home != '\0'; home++)
		append(x, *home);
}

/*
 * Expand so much of a word, going on with the field begun.
 */
static void
expand(struct expansion *x, const char *word, size_t length)
{
	struct expansion outer = *x;

	x->p = word;
	x->end = word + length;
	if (!x->quoted)
		tilde(x);
	while (x->p < x->end) {
		char c = *x->p++;

		if (c == '\'' && !x->quoted) {
			single_quotes(x);
		} else if (c == '"') {
			x->quoted = !x->quoted;
			x->begun |= x->quoted && !is_empty_at(x);
		} else if (c == '\\') {
			backslash(x);
		} else if (c == '$') {
			dollar(x);
		} else {
			append_literal(x, c);
		}
	}
	x->p = outer.p;
	x->end = outer.end;
	x->quoted = outer.quoted;
}

/*
 * Expand the word within ${ }: part of a value, so it falls apart like one.
 */
static void
expand_inner(struct expansion *x, const char *word, size_t length)
{
	bool nested = x->nested;

	x->nested = true;
	expand(x, word, length);
	x->nested = nested;
}

static struct expansion
begin(bool split)
{
	const char *ifs = vars_get("IFS");

	return (struct expansion){ .split = split, .ifs = ifs == NULL ? " \t\n" : ifs };
}

struct fields
expand_words(const struct word *words)
{
	struct expansion x = begin(true);

	for (; words != NULL; words = words->next) {
		expand(&x, words->text, strlen(words->text));
		if (x.begun)
			end_field(&x);
	}
	if (x.fields.list == NULL) {
		add_field(&x, NULL);
		x.fields.count = 0;
	}
	return x.fields;
}

char *
expand_string(const char *word)
{
	struct expansion x = begin(false);

	expand(&x, word, strlen(word));
	return arena_string(&sh.arena, x.text == NULL ? "" : x.text, x.length);
}

char *
expand_assignment(const char *assignment)
{
	size_t length = strcspn(assignment, "=") + 1;
	char *value = expand_string(assignment + length);
	char *text = arena_alloc(&sh.arena, length + strlen(value) + 1);

	memcpy(text, assignment, length);
	strcpy(text + length, value);
	return text;
}
