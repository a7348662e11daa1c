// SPDX-License-Identifier: MIT
/*
 * The kernel's command line.  Few words are asked for, once each at boot, so
 * the line is kept as it is and searched from the start every time.  If a name
 * is there more than once, the last one counts: what a user adds at the end
 * overrides.
 */
#include "lib/bootargs.h"

#include "lib/math.h"
#include "lib/print.h"
#include "lib/string.h"

#define LINE_MAX 4096

static char line[LINE_MAX];

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

// The word at or after p, its length in *length; a length of 0 at the end.
static const char *
next_word(const char *p, size_t *length)
{
	while (is_space(*p))
		p++;
	size_t n = 0;
	while (p[n] != '\0' && !is_space(p[n]))
		n++;
	*length = n;
	return p;
}

static bool
is_end_of_options(const char *word, size_t length)
{
	return length == 2 && word[0] == '-' && word[1] == '-';
}

// The text after "name=" of the last word with that name, "" for a word
// without '='; its length in *length.  NULL if there is none.
static const char *
find_value(const char *name, size_t *length)
{
	size_t name_length = strlen(name);
	const char *value = NULL;
	size_t n;

	for (const char *w = next_word(line, &n); n > 0; w = next_word(w + n, &n)) {
		if (is_end_of_options(w, n))
			break;
		if (n < name_length || memcmp(w, name, name_length) != 0)
			continue;
		if (n == name_length) {
			value = w + n;
			*length = 0;
		} else if (w[name_length] == '=') {
			value = w + name_length + 1;
			*length = n - name_length - 1;
		}
	}
	return value;
}

void
bootargs_init(const char *text)
{
	if (string_copy(line, text, sizeof(line)) < 0)
		print_warn("bootargs: the kernel's command line is cut after %zu characters",
			   sizeof(line) - 1);
}

const char *
bootargs_line(void)
{
	return line;
}

bool
bootargs_string(const char *name, char *to, size_t size)
{
	size_t length;
	const char *value = find_value(name, &length);

	if (value == NULL)
		return false;
	if (size > 0) {
		length = MIN(length, size - 1);
		memcpy(to, value, length);
		to[length] = '\0';
	}
	return true;
}

uint64_t
bootargs_number(const char *name, uint64_t fallback)
{
	char text[32];
	uint64_t value;
	size_t length;

	if (!bootargs_string(name, text, sizeof(text)))
		return fallback;
	find_value(name, &length);
	if (length >= sizeof(text) || string_to_number(text, 0, &value) < 0) {
		print_warn("bootargs: %s=%s is no number; taking %llu", name, text,
			   (unsigned long long)fallback);
		return fallback;
	}
	return value;
}

bool
bootargs_flag(const char *name)
{
	return bootargs_string(name, NULL, 0);
}

const char *
bootargs_init_args(void)
{
	size_t n;

	for (const char *w = next_word(line, &n); n > 0; w = next_word(w + n, &n))
		if (is_end_of_options(w, n))
			return next_word(w + n, &n);
	return "";
}
