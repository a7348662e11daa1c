// SPDX-License-Identifier: MIT
/*
 * Looking into memory.
 */
#include <string.h>

int
memcmp(const void *a, const void *b, size_t count)
{
	const unsigned char *p = a;
	const unsigned char *q = b;

	for (; count > 0; count--, p++, q++) {
		if (*p != *q)
			return *p - *q;
	}
	return 0;
}

void *
memchr(const void *memory, int byte, size_t count)
{
	const unsigned char *p = memory;

	for (; count > 0; count--, p++) {
		if (*p == (unsigned char)byte)
			return (void *)p;
	}
	return NULL;
}

void *
memrchr(const void *memory, int byte, size_t count)
{
	const unsigned char *p = memory;

	while (count-- > 0) {
		if (p[count] == (unsigned char)byte)
			return (void *)(p + count);
	}
	return NULL;
}

void *
memmem(const void *memory, size_t count, const void *part, size_t length)
{
	const char *p = memory;
	const char *end = p + count;

	if (length == 0)
		return (void *)memory;
	for (; (size_t)(end - p) >= length; p++) {
		p = memchr(p, *(const unsigned char *)part, (size_t)(end - p) - length + 1);
		if (p == NULL)
			return NULL;
		if (memcmp(p, part, length) == 0)
			return (void *)p;
	}
	return NULL;
}
