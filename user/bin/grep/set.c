// SPDX-License-Identifier: MIT
/*
 * Regular expressions: sets of bytes, [abc], [^a-z], [[:digit:]].
 */
#include "regex_impl.h"

#include <ctype.h>
#include <string.h>

// What is left of the pattern.
struct text {
	const char *p;
	const char *end;
};

static const struct {
	const char *name;
	int (*is)(int byte);
} classes[] = {
	{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank }, { "cntrl", iscntrl },
	{ "digit", isdigit }, { "graph", isgraph }, { "lower", islower }, { "print", isprint },
	{ "punct", ispunct }, { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
};

static const char *
add_class(struct byte_set *set, struct text *t)
{
	const char *name = t->p + 2;
	const char *end = memmem(name, (size_t)(t->end - name), ":]", 2);

	if (end == NULL)
		return "[: without :]";
	t->p = end + 2;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		size_t length = strlen(classes[i].name);

		if ((size_t)(end - name) != length || memcmp(name, classes[i].name, length) != 0)
			continue;
		for (unsigned int byte = 0; byte < 256; byte++) {
			if (classes[i].is((int)byte))
				set_add(set, byte);
		}
		return NULL;
	}
	return "unknown class between [: and :]";
}

static const char *
add_range(struct byte_set *set, struct text *t)
{
	unsigned char first = (unsigned char)*t->p++;
	unsigned char last = first;

	if (t->end - t->p >= 2 && t->p[0] == '-' && t->p[1] != ']') {
		last = (unsigned char)t->p[1];
		t->p += 2;
	}
	if (last < first)
		return "a range in [] is backwards";
	for (unsigned int byte = first; byte <= last; byte++)
		set_add(set, byte);
	return NULL;
}

/*
 * The machine looks a byte up in lower case, so that one must be in if any is.
 */
static void
fold(struct byte_set *set)
{
	for (unsigned int byte = 'A'; byte <= 'Z'; byte++) {
		if (set_has(set, byte))
			set_add(set, byte - 'A' + 'a');
	}
}

const char *
set_parse(struct byte_set *set, const char **text, const char *end, bool ignore_case)
{
	struct text t = { *text, end };
	bool negated = t.p < end && *t.p == '^';
	const char *first;

	t.p += negated;
	for (first = t.p; t.p < end && (*t.p != ']' || t.p == first);) {
		bool is_class = end - t.p >= 2 && t.p[0] == '[' && t.p[1] == ':';
		const char *error = is_class ? add_class(set, &t) : add_range(set, &t);

		if (error != NULL)
			return error;
	}
	if (t.p == end)
		return "[ without ]";
	if (ignore_case)
		fold(set);
	for (int i = 0; negated && i < 4; i++)
		set->bits[i] = ~set->bits[i];
	*text = t.p + 1;
	return NULL;
}
