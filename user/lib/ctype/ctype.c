// SPDX-License-Identifier: MIT
/*
 * Kinds of characters, from one table of 128: each character's set of kinds.
 * What is not in it, EOF among it, is of no kind.
 */
#include <ctype.h>

enum kind {
	UPPER = 0x01,
	LOWER = 0x02,
	DIGIT = 0x04,
	HEX = 0x08, // a letter that is a digit in base 16
	SPACE = 0x10,
	BLANK = 0x20,
	PUNCT = 0x40,
	CONTROL = 0x80,
};

static const unsigned char kinds[128] = {
	[0x00 ... '\b'] = CONTROL,
	['\t'] = CONTROL | SPACE | BLANK,
	['\n' ... '\r'] = CONTROL | SPACE,
	[0x0e ... 0x1f] = CONTROL,
	[' '] = SPACE | BLANK,
	['!' ... '/'] = PUNCT,
	['0' ... '9'] = DIGIT,
	[':' ... '@'] = PUNCT,
	['A' ... 'F'] = UPPER | HEX,
	['G' ... 'Z'] = UPPER,
	['[' ... '`'] = PUNCT,
	['a' ... 'f'] = LOWER | HEX,
	['g' ... 'z'] = LOWER,
	['{' ... '~'] = PUNCT,
	[0x7f] = CONTROL,
};

static int
is(int c, unsigned int set)
{
	return (unsigned int)c < sizeof(kinds) && (kinds[c] & set);
}

int
isalnum(int c)
{
	return is(c, UPPER | LOWER | DIGIT);
}

int
isalpha(int c)
{
	return is(c, UPPER | LOWER);
}

int
isascii(int c)
{
	return (unsigned int)c < sizeof(kinds);
}

int
isblank(int c)
{
	return is(c, BLANK);
}

int
iscntrl(int c)
{
	return is(c, CONTROL);
}

int
isdigit(int c)
{
	return is(c, DIGIT);
}

int
isgraph(int c)
{
	return is(c, UPPER | LOWER | DIGIT | PUNCT);
}

int
islower(int c)
{
	return is(c, LOWER);
}

int
isprint(int c)
{
	return c == ' ' || isgraph(c);
}

int
ispunct(int c)
{
	return is(c, PUNCT);
}

int
isspace(int c)
{
	return is(c, SPACE);
}

int
isupper(int c)
{
	return is(c, UPPER);
}

int
isxdigit(int c)
{
	return is(c, DIGIT | HEX);
}

int
tolower(int c)
{
	return isupper(c) ? c + ('a' - 'A') : c;
}

int
toupper(int c)
{
	return islower(c) ? c - ('a' - 'A') : c;
}
