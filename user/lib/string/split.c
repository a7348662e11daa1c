// SPDX-License-Identifier: MIT
/*
 * Cutting a string into pieces, in place.
 */
#include <string.h>

char *
strsep(char **rest, const char *delimiters)
{
	char *piece = *rest;
	char *end;

	if (piece == NULL)
		return NULL;
	end = strpbrk(piece, delimiters);
	if (end != NULL)
		*end++ = '\0';
	*rest = end;
	return piece;
}

char *
strtok_r(char *restrict s, const char *restrict delimiters, char **restrict rest)
{
	if (s == NULL)
		s = *rest;
	if (s == NULL)
		return NULL;
	s += strspn(s, delimiters);
	if (*s == '\0') {
		*rest = NULL;
		return NULL;
	}
	*rest = s;
	return strsep(rest, delimiters);
}

char *
strtok(char *restrict s, const char *restrict delimiters)
{
	static char *rest;

	return strtok_r(s, delimiters, &rest);
}
