// SPDX-License-Identifier: MIT
/*
 * Looking for characters and strings in strings.
 */
#include <string.h>

char *
strchrnul(const char *s, int c)
{
	while (*s != '\0' && *s != (char)c)
		s++;
	return (char *)s;
}

char *
strchr(const char *s, int c)
{
	char *p = strchrnul(s, c);

	return *p == (char)c ? p : NULL;
}

char *
strrchr(const char *s, int c)
{
	return memrchr(s, c, strlen(s) + 1);
}

char *
strstr(const char *s, const char *part)
{
	size_t length = strlen(part);

	if (length == 0)
		return (char *)s;
	while ((s = strchr(s, *part)) != NULL && strncmp(s, part, length) != 0)
		s++;
	return (char *)s;
}

/*
 * The length of the start of s whose characters are all (wanted) or none of
 * them (not wanted) in set.
 */
static size_t
span(const char *s, const char *set, int wanted)
{
	const char *p = s;

	while (*p != '\0' && (strchr(set, *p) != NULL) == wanted)
		p++;
	return (size_t)(p - s);
}

size_t
strspn(const char *s, const char *accept)
{
	return span(s, accept, 1);
}

size_t
strcspn(const char *s, const char *reject)
{
	return span(s, reject, 0);
}

char *
strpbrk(const char *s, const char *accept)
{
	s += strcspn(s, accept);
	return *s == '\0' ? NULL : (char *)s;
}
