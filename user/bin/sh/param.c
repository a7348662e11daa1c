// SPDX-License-Identifier: MIT
/*
 * Parameters: variables, $1 and its like, and the special ones.
 */
#include "param.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"
#include "vars.h"

int
param_count(void)
{
	int count = 0;

	while (sh.positional[count] != NULL)
		count++;
	return count;
}

const char *
param_number(long number)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%ld", number);

	return arena_string(&sh.arena, text, (size_t)length);
}

static const char *
option_letters(void)
{
	char text[4];
	size_t length = 0;

	if (sh.exit_on_error)
		text[length++] = 'e';
	if (sh.interactive)
		text[length++] = 'i';
	if (sh.trace)
		text[length++] = 'x';
	return arena_string(&sh.arena, text, length);
}

const char *
param_value(const char *name)
{
	long n;

	switch (*name) {
	case '?':
		return param_number(sh.status);
	case '$':
		return param_number(sh.pid);
	case '!':
		return sh.background == 0 ? NULL : param_number(sh.background);
	case '#':
		return param_number(param_count());
	case '-':
		return option_letters();
	}
	if (!isdigit((unsigned char)*name))
		return vars_get(name);
	n = strtol(name, NULL, 10);
	if (n == 0)
		return sh.name;
	return n <= param_count() ? sh.positional[n - 1] : NULL;
}

size_t
param_name_length(const char *text, const char *end, bool braces)
{
	size_t length = 0;

	if (text == end)
		return 0;
	if (isdigit((unsigned char)*text)) {
		while (braces && text + length < end && isdigit((unsigned char)text[length]))
			length++;
		return braces ? length : 1;
	}
	while (text + length < end && (isalnum((unsigned char)text[length]) || text[length] == '_'))
		length++;
	if (length == 0 && strchr("?$!#-@*", *text) != NULL)
		return 1;
	return length;
}
