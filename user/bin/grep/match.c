// SPDX-License-Identifier: MIT
/*
 * Regular expressions: the machine that runs the program.
 *
 * It reads the line once and keeps the set of all places in the program where a
 * match begun somewhere before could be.  Places that need no byte are followed
 * when a place is added to a set; each is added at most once per byte.
 */
#include "regex_impl.h"

#include <ctype.h>
#include <string.h>

struct run {
	struct regex *re;
	bool at_start; // between bytes: of the line
	bool at_end;
	bool matched;
};

/*
 * Add a place to the set, and those that can be reached from it without a byte.
 */
static void
add(struct run *r, int *set, int *count, int place)
{
	struct regex *re = r->re;
	int depth = 0;

	re->stack[depth++] = place;
	while (depth > 0) {
		const struct instruction *in;

		place = re->stack[--depth];
		if (re->seen[place])
			continue;
		re->seen[place] = true;
		in = &re->code[place];
		switch (in->op) {
		case OP_START:
			if (r->at_start)
				re->stack[depth++] = place + 1;
			break;
		case OP_END:
			if (r->at_end)
				re->stack[depth++] = place + 1;
			break;
		case OP_SPLIT:
			re->stack[depth++] = place + 1;
			re->stack[depth++] = place + in->operand;
			break;
		case OP_JUMP:
			re->stack[depth++] = place + in->operand;
			break;
		case OP_MATCH:
			r->matched = true;
			break;
		default:
			set[(*count)++] = place;
		}
	}
}

static bool
takes(const struct regex *re, const struct instruction *in, unsigned int byte)
{
	switch (in->op) {
	case OP_BYTE:
		return (unsigned int)in->operand == byte;
	case OP_SET:
		return set_has(&re->sets[in->operand], byte);
	default:
		return true; // OP_ANY
	}
}

bool
regex_match(struct regex *re, const char *line, size_t length)
{
	struct run r = { .re = re };
	int count = 0;

	for (size_t i = 0; i <= length; i++) {
		unsigned int byte;
		int next_count = 0;
		int *swap = re->now;

		// A match may begin at any byte.
		r.at_start = i == 0;
		r.at_end = i == length;
		add(&r, re->now, &count, 0);
		memset(re->seen, 0, (size_t)re->length * sizeof(*re->seen));
		if (r.matched)
			return true;
		if (r.at_end)
			return false;
		byte = (unsigned char)line[i];
		if (re->ignore_case)
			byte = (unsigned int)tolower((int)byte);
		r.at_start = false;
		r.at_end = i + 1 == length;
		for (int n = 0; n < count; n++) {
			const struct instruction *in = &re->code[re->now[n]];

			if (takes(re, in, byte))
				add(&r, re->next, &next_count, re->now[n] + 1);
		}
		re->now = re->next;
		re->next = swap;
		count = next_count;
	}
	return false;
}
