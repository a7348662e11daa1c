// SPDX-License-Identifier: MIT
/*
 * Bytes and strings.
 *
 * Filling and copying memory is where a kernel spends its time, so it goes by
 * words of eight bytes: single bytes up to the first aligned address of the
 * destination, then aligned words, then single bytes.  Where source and
 * destination are aligned differently, each word stored is put together from
 * the two aligned words that it straddles: a misaligned access would trap into
 * the firmware on some machines.  No byte outside of the given ranges is ever
 * read.
 *
 * The compiler knows loops that look like memset() and would turn them into a
 * call of it; -fno-tree-loop-distribute-patterns (Makefile) forbids that.
 */
#include "lib/string.h"

#include "abi/errno.h"

// A word that may lie over an object of any type.
typedef uint64_t __attribute__((may_alias)) word_t;

#define WORD       sizeof(word_t)
#define WORD_BITS  (8 * WORD)
#define BLOCK      (8 * WORD) // what an unrolled loop does in one turn
#define OFFSET(p)  ((uintptr_t)(p) % WORD)
#define EVERY_BYTE UINT64_C(0x0101010101010101)

void *
memset(void *to, int byte, size_t n)
{
	unsigned char *d = to;
	unsigned char *end = d + n;

	while (d < end && OFFSET(d) != 0)
		*d++ = (unsigned char)byte;

	word_t word = (unsigned char)byte * EVERY_BYTE;
	for (; (size_t)(end - d) >= BLOCK; d += BLOCK) {
		word_t *w = (word_t *)(void *)d;
		w[0] = word;
		w[1] = word;
		w[2] = word;
		w[3] = word;
		w[4] = word;
		w[5] = word;
		w[6] = word;
		w[7] = word;
	}
	for (; (size_t)(end - d) >= WORD; d += WORD)
		*(word_t *)(void *)d = word;
	while (d < end)
		*d++ = (unsigned char)byte;
	return to;
}

// Copy n bytes upwards between addresses that are both aligned; returns how
// many: whole words only.
static size_t
copy_words(unsigned char *to, const unsigned char *from, size_t n)
{
	word_t *d = (word_t *)(void *)to;
	const word_t *s = (const word_t *)(const void *)from;
	size_t left = n;

	for (; left >= BLOCK; left -= BLOCK, d += 8, s += 8) {
		word_t a = s[0], b = s[1], c = s[2], e = s[3];
		d[0] = a;
		d[1] = b;
		d[2] = c;
		d[3] = e;
		a = s[4], b = s[5], c = s[6], e = s[7];
		d[4] = a;
		d[5] = b;
		d[6] = c;
		d[7] = e;
	}
	for (; left >= WORD; left -= WORD)
		*d++ = *s++;
	return n - left;
}

// The same from an address that is not aligned.  What is left of the last
// source word is carried over to the next turn (little endian).
static size_t
copy_shifted(unsigned char *to, const unsigned char *from, size_t n)
{
	size_t low = WORD - OFFSET(from); // bytes before the source's first word
	unsigned shift = 8 * (unsigned)low;
	size_t copied = 0;
	word_t carry = 0;

	if (n < 2 * WORD)
		return 0;
	for (size_t i = 0; i < low; i++)
		carry |= (word_t)from[i] << (8 * i);

	word_t *d = (word_t *)(void *)to;
	const word_t *s = (const word_t *)(const void *)(from + low);
	for (; n - copied >= low + WORD; copied += WORD) {
		word_t next = *s++;
		*d++ = carry | next << shift;
		carry = next >> (WORD_BITS - shift);
	}
	return copied;
}

// Right also if the ranges overlap and to lies below from.
static void
copy_up(unsigned char *to, const unsigned char *from, size_t n)
{
	for (; n > 0 && OFFSET(to) != 0; n--)
		*to++ = *from++;

	size_t copied = OFFSET(from) == 0 ? copy_words(to, from, n) : copy_shifted(to, from, n);
	to += copied;
	from += copied;
	for (n -= copied; n > 0; n--)
		*to++ = *from++;
}

// Right also if the ranges overlap and to lies above from.  Seldom needed, so
// by words only where both ends are aligned alike.
static void
copy_down(unsigned char *to, const unsigned char *from, size_t n)
{
	unsigned char *d = to + n;
	const unsigned char *s = from + n;

	if (OFFSET(d) == OFFSET(s)) {
		for (; d > to && OFFSET(d) != 0;)
			*--d = *--s;
		while ((size_t)(d - to) >= WORD) {
			d -= WORD;
			s -= WORD;
			*(word_t *)(void *)d = *(const word_t *)(const void *)s;
		}
	}
	while (d > to)
		*--d = *--s;
}

void *
memcpy(void *restrict to, const void *restrict from, size_t n)
{
	copy_up(to, from, n);
	return to;
}

void *
memmove(void *to, const void *from, size_t n)
{
	// One comparison: true if to is below from or past its end.
	if ((uintptr_t)to - (uintptr_t)from >= n)
		copy_up(to, from, n);
	else
		copy_down(to, from, n);
	return to;
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a;
	const unsigned char *y = b;

	if (OFFSET(x) == 0 && OFFSET(y) == 0) {
		for (; n >= WORD; n -= WORD, x += WORD, y += WORD)
			if (*(const word_t *)(const void *)x != *(const word_t *)(const void *)y)
				break;
	}
	for (; n > 0; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *
memchr(const void *s, int byte, size_t n)
{
	const unsigned char *p = s;

	for (; n > 0; n--, p++)
		if (*p == (unsigned char)byte)
			return (void *)(uintptr_t)p;
	return NULL;
}

size_t
strlen(const char *s)
{
	const char *p = s;

	while (*p != '\0')
		p++;
	return (size_t)(p - s);
}

size_t
strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0')
		n++;
	return n;
}

int
strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int
strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (*a == '\0')
			return 0;
	}
	return 0;
}

char *
strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)(uintptr_t)s;
		if (*s == '\0')
			return NULL;
	}
}

char *
strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (*s == '\0')
			return (char *)(uintptr_t)last;
	}
}

int
string_copy(char *to, const char *from, size_t size)
{
	size_t n = strnlen(from, size);

	if (size == 0)
		return -ENAMETOOLONG;
	bool cut = n == size;
	if (cut)
		n--;
	memcpy(to, from, n);
	to[n] = '\0';
	return cut ? -ENAMETOOLONG : 0;
}

// The value of a digit in any base up to 16; 16 if it is none.
static unsigned
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 16;
}

int
string_to_number(const char *s, unsigned base, uint64_t *value)
{
	bool hex_prefix = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');

	if (base == 0)
		base = hex_prefix ? 16 : s[0] == '0' ? 8 : 10;
	if (base == 16 && hex_prefix)
		s += 2;
	if (*s == '\0')
		return -EINVAL;

	uint64_t n = 0;
	bool overflow = false;
	for (; *s != '\0'; s++) {
		unsigned digit = digit_value(*s);
		if (digit >= base)
			return -EINVAL;
		overflow |= __builtin_mul_overflow(n, (uint64_t)base, &n);
		overflow |= __builtin_add_overflow(n, (uint64_t)digit, &n);
	}
	if (overflow)
		return -ERANGE;
	*value = n;
	return 0;
}
