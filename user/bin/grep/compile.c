// SPDX-License-Identifier: MIT
/*
 * Regular expressions: from text to program, by recursive descent.
 *
 * 	alternatives: sequence | sequence ...
 * 	sequence:     piece piece ...
 * 	piece:        atom, then any of * + ? {m,n}
 * 	atom:         byte . [set] ^ $ (alternatives)
 *
 * Code is emitted as the text is read.  What comes behind an atom and changes it
 * is inserted before its code; code only jumps within its own piece, by
 * distances, so that moving or copying a piece does not break it.
 */
#include "regex_impl.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CODE_MAX   50000 // instructions; a{1000}{1000} would be far too many
#define REPEAT_MAX 32767
#define DEPTH_MAX  200 // of parentheses

struct compiler {
	struct regex *re;
	const char *p; // what is left of the pattern
	const char *end;
	bool extended;
	int depth;
	const char *error; // the first one; parsing goes on to no purpose
	bool no_memory;
};

static bool alternatives(struct compiler *c);

static bool
fail(struct compiler *c, const char *error)
{
	if (c->error == NULL)
		c->error = error;
	return false;
}

static bool
make_room(struct compiler *c, int count)
{
	struct regex *re = c->re;
	struct instruction *larger;

	if (re->length + count > CODE_MAX)
		return fail(c, "pattern too large");
	if (re->length + count <= re->capacity)
		return true;
	larger = reallocarray(re->code, (size_t)(re->length + count) * 2, sizeof(*larger));
	if (larger == NULL) {
		c->no_memory = true;
		return fail(c, "out of memory");
	}
	re->code = larger;
	re->capacity = (re->length + count) * 2;
	return true;
}

static bool
insert(struct compiler *c, int at, enum opcode op, int operand)
{
	struct regex *re = c->re;

	if (!make_room(c, 1))
		return false;
	memmove(re->code + at + 1, re->code + at, (size_t)(re->length - at) * sizeof(*re->code));
	re->code[at] = (struct instruction){ op, operand };
	re->length++;
	return true;
}

static bool
emit(struct compiler *c, enum opcode op, int operand)
{
	return insert(c, c->re->length, op, operand);
}

static bool
emit_byte(struct compiler *c, char byte)
{
	unsigned char b = (unsigned char)byte;

	return emit(c, OP_BYTE, c->re->ignore_case ? tolower(b) : b);
}

static struct byte_set *
emit_set(struct compiler *c)
{
	struct regex *re = c->re;
	struct byte_set *larger =
		reallocarray(re->sets, (size_t)re->set_count + 1, sizeof(*larger));

	if (larger == NULL) {
		c->no_memory = true;
		fail(c, "out of memory");
		return NULL;
	}
	re->sets = larger;
	if (!emit(c, OP_SET, re->set_count))
		return NULL;
	larger[re->set_count] = (struct byte_set){ 0 };
	return &larger[re->set_count++];
}

/*
 * Does the rest of the pattern begin with this operator?  In basic expressions
 * it has a backslash.
 */
static bool
at_operator(const struct compiler *c, char operator)
{
	if (c->extended)
		return c->p < c->end && *c->p == operator;
	return c->end - c->p >= 2 && c->p[0] == '\\' && c->p[1] == operator;
}

static bool
take_operator(struct compiler *c, char operator)
{
	if (!at_operator(c, operator))
		return false;
	c->p += c->extended ? 1 : 2;
	return true;
}

static bool
parse_set(struct compiler *c)
{
	struct byte_set *set = emit_set(c);
	const char *error;

	if (set == NULL)
		return false;
	error = set_parse(set, &c->p, c->end, c->re->ignore_case);
	return error == NULL || fail(c, error);
}

static bool
emit_escape(struct compiler *c, char letter)
{
	struct byte_set *set;

	if (strchr("wWsS", letter) == NULL)
		return emit_byte(c, letter);
	set = emit_set(c);
	if (set == NULL)
		return false;
	for (int byte = 0; byte < 256; byte++) {
		bool in = tolower(letter) == 's' ? isspace(byte) : isalnum(byte) || byte == '_';

		if (in == (islower((unsigned char)letter) != 0))
			set_add(set, (unsigned int)byte);
	}
	return true;
}

static bool
parse_group(struct compiler *c)
{
	if (++c->depth > DEPTH_MAX)
		return fail(c, "too many parentheses");
	if (!alternatives(c))
		return false;
	c->depth--;
	if (!take_operator(c, ')'))
		return fail(c, c->extended ? "( without )" : "\\( without \\)");
	return true;
}

/*
 * In a basic expression ^ is an anchor where a sequence begins, $ where it ends.
 */
static bool
is_anchor(struct compiler *c, bool first)
{
	const char *p = c->p;
	bool ends;

	if (c->extended)
		return *p == '^' || *p == '$';
	if (*p == '^')
		return first;
	c->p++;
	ends = c->p == c->end || at_operator(c, ')') || at_operator(c, '|');
	c->p--;
	return *p == '$' && ends;
}

static bool
parse_atom(struct compiler *c, bool first)
{
	if (take_operator(c, '('))
		return parse_group(c);
	if (is_anchor(c, first))
		return emit(c, *c->p++ == '^' ? OP_START : OP_END, 0);
	switch (*c->p++) {
	case '.':
		return emit(c, OP_ANY, 0);
	case '[':
		return parse_set(c);
	case '\\':
		if (c->p == c->end)
			return fail(c, "a backslash ends the pattern");
		return emit_escape(c, *c->p++);
	default:
		return emit_byte(c, c->p[-1]);
	}
}

/*
 * Behind a { comes m}, m,} or m,n} or ,n}: in basic expressions \}.  A max of -1
 * is no limit.
 */
static bool
parse_bound(struct compiler *c, int *value)
{
	if (c->p == c->end || !isdigit((unsigned char)*c->p))
		return false;
	for (*value = 0; c->p < c->end && isdigit((unsigned char)*c->p); c->p++) {
		if (*value <= REPEAT_MAX)
			*value = *value * 10 + (*c->p - '0');
	}
	return true;
}

static bool
parse_bounds(struct compiler *c, int *min, int *max)
{
	bool has_min = parse_bound(c, min);

	*max = *min;
	if (c->p < c->end && *c->p == ',') {
		c->p++;
		*max = -1;
		if (!parse_bound(c, max) && !has_min)
			return fail(c, "no number between { and }");
	} else if (!has_min) {
		return fail(c, "no number between { and }");
	}
	if (!take_operator(c, '}'))
		return fail(c, "{ without }");
	if (*min > REPEAT_MAX || *max > REPEAT_MAX || (*max >= 0 && *max < *min))
		return fail(c, "wrong numbers between { and }");
	return true;
}

/*
 * Append a copy of the length instructions at start.
 */
static bool
append_copy(struct compiler *c, int start, int length)
{
	if (!make_room(c, length))
		return false;
	memcpy(c->re->code + c->re->length, c->re->code + start,
	       (size_t)length * sizeof(*c->re->code));
	c->re->length += length;
	return true;
}

/*
 * The piece from start to the end of the code: none or once; any number of
 * times; at least once.
 */
static bool
make_optional(struct compiler *c, int start)
{
	return insert(c, start, OP_SPLIT, c->re->length - start + 1);
}

static bool
make_star(struct compiler *c, int start)
{
	int length = c->re->length - start;

	return insert(c, start, OP_SPLIT, length + 2) && emit(c, OP_JUMP, -(length + 1));
}

static bool
make_plus(struct compiler *c, int start)
{
	int length = c->re->length - start;

	// There is code behind the piece, so that SPLIT can go to both.
	return emit(c, OP_SPLIT, 2) && emit(c, OP_JUMP, -(length + 1));
}

/*
 * x{2,4} is xxx?x?, x{2,} is xx+, x{0,} is x*.
 */
static bool
make_repeat(struct compiler *c, int start, int min, int max)
{
	int length = c->re->length - start;
	int copies = max < 0 ? min : max;

	if (max == 0) {
		c->re->length = start;
		return true;
	}
	if (max < 0 && min == 0)
		return make_star(c, start);
	for (int i = 1; i < copies; i++) {
		if (!append_copy(c, start, length))
			return false;
	}
	if (max < 0)
		return make_plus(c, c->re->length - length);
	// From the last copy back, so that the places of those before stay right.
	for (int i = copies - 1; i >= min; i--) {
		if (!make_optional(c, start + i * length))
			return false;
	}
	return true;
}

/*
 * What may stand behind an atom and changes how often it matches.
 */
static bool
parse_repetition(struct compiler *c, int start, bool *found)
{
	int min = 0, max;

	*found = true;
	if (c->p < c->end && *c->p == '*') {
		c->p++;
		return make_star(c, start);
	}
	if (take_operator(c, '+'))
		return make_plus(c, start);
	if (take_operator(c, '?'))
		return make_optional(c, start);
	if (take_operator(c, '{'))
		return parse_bounds(c, &min, &max) && make_repeat(c, start, min, max);
	*found = false;
	return true;
}

/*
 * A star with nothing before it to repeat is just a star.
 */
static bool
parse_piece(struct compiler *c, bool first)
{
	int start = c->re->length;
	bool found = true;

	if (first && *c->p == '*') {
		c->p++;
		if (!emit_byte(c, '*'))
			return false;
	} else if (!parse_atom(c, first)) {
		return false;
	}
	if (!c->extended && c->re->length > start && c->re->code[start].op == OP_START)
		return true; // nor does an anchor repeat: "^*"
	while (found) {
		if (!parse_repetition(c, start, &found))
			return false;
	}
	return true;
}

static bool
sequence(struct compiler *c)
{
	bool first = true;

	while (c->p < c->end && !at_operator(c, '|')) {
		bool anchor = *c->p == '^';

		if (at_operator(c, ')')) {
			if (c->depth > 0)
				break;
			return fail(c, c->extended ? ") without (" : "\\) without \\(");
		}
		if (!parse_piece(c, first))
			return false;
		first = first && anchor && !c->extended;
	}
	return true;
}

/*
 * a|b|c becomes
 *
 *	split 1; a; jump 2;  1: split 3; b; 2: jump 4;  3: c; 4:
 *
 * so that a's jump lands on b's.  It is set when b has been emitted and ends
 * where the jump will be, but for the split that is yet to come before b.
 */
static bool
alternatives(struct compiler *c)
{
	int start = c->re->length;

	if (!sequence(c))
		return false;
	while (take_operator(c, '|')) {
		int jump;

		if (!insert(c, start, OP_SPLIT, c->re->length - start + 2))
			return false;
		jump = c->re->length;
		if (!emit(c, OP_JUMP, 0))
			return false;
		start = c->re->length;
		if (!sequence(c))
			return false;
		c->re->code[jump].operand = c->re->length - jump + at_operator(c, '|');
	}
	return true;
}

static bool
compile(struct compiler *c, enum regex_kind kind, unsigned int flags)
{
	if ((flags & REGEX_WHOLE_LINE) && !emit(c, OP_START, 0))
		return false;
	if (kind == REGEX_FIXED) {
		while (c->p < c->end) {
			if (!emit_byte(c, *c->p++))
				return false;
		}
	} else if (!alternatives(c)) {
		return false;
	}
	if ((flags & REGEX_WHOLE_LINE) && !emit(c, OP_END, 0))
		return false;
	return emit(c, OP_MATCH, 0);
}

struct regex *
regex_compile(const char *pattern, size_t length, enum regex_kind kind, unsigned int flags,
	      const char **error)
{
	struct regex *re = calloc(1, sizeof(*re));
	struct compiler c = {
		.re = re,
		.p = pattern,
		.end = pattern + length,
		.extended = kind == REGEX_EXTENDED,
	};

	*error = NULL;
	if (re == NULL)
		return NULL;
	re->ignore_case = flags & REGEX_IGNORE_CASE;
	if (!compile(&c, kind, flags)) {
		*error = c.no_memory ? NULL : c.error;
		goto free_regex;
	}
	length = (size_t)re->length;
	re->seen = calloc(length, sizeof(*re->seen));
	re->now = calloc(length, sizeof(*re->now));
	re->next = calloc(length, sizeof(*re->next));
	re->stack = calloc(2 * length, sizeof(*re->stack));
	if (re->seen != NULL && re->now != NULL && re->next != NULL && re->stack != NULL)
		return re;
free_regex:
	regex_free(re);
	return NULL;
}

void
regex_free(struct regex *re)
{
	free(re->code);
	free(re->sets);
	free(re->seen);
	free(re->now);
	free(re->next);
	free(re->stack);
	free(re);
}
