// SPDX-License-Identifier: MIT
/*
 * Text to integers.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

struct number {
	unsigned long magnitude;
	bool negative;
	bool overflow; // of the magnitude
};

static unsigned int
digit_value(unsigned char c)
{
	if (isdigit(c))
		return c - '0';
	if (isalpha(c))
		return (unsigned int)tolower(c) - 'a' + 10;
	return UINT_MAX;
}

/*
 * C17, 7.22.1.4: white space, a sign, "0x" if the base allows it, digits.
 * Base 0 is found from how the number starts.
 */
static struct number
parse(const char *text, char **end, unsigned int base)
{
	struct number n = { 0 };
	const char *p = text;
	const char *digits;

	if (end != NULL)
		*end = (char *)text;
	if (base == 1 || base > 36) {
		errno = EINVAL;
		return n;
	}
	while (isspace((unsigned char)*p))
		p++;
	if (*p == '+' || *p == '-')
		n.negative = *p++ == '-';
	if ((base == 0 || base == 16) && p[0] == '0' && (p[1] == 'x' || p[1] == 'X') &&
	    isxdigit((unsigned char)p[2])) {
		p += 2;
		base = 16;
	}
	if (base == 0)
		base = *p == '0' ? 8 : 10;
	for (digits = p; digit_value((unsigned char)*p) < base; p++) {
		n.overflow |= __builtin_mul_overflow(n.magnitude, base, &n.magnitude);
		n.overflow |= __builtin_add_overflow(n.magnitude, digit_value((unsigned char)*p),
						     &n.magnitude);
	}
	if (p != digits && end != NULL)
		*end = (char *)p;
	return n;
}

long
strtol(const char *text, char **end, int base)
{
	struct number n = parse(text, end, (unsigned int)base);

	if (n.overflow || n.magnitude > (unsigned long)LONG_MAX + n.negative) {
		errno = ERANGE;
		return n.negative ? LONG_MIN : LONG_MAX;
	}
	return (long)(n.negative ? -n.magnitude : n.magnitude);
}

unsigned long
strtoul(const char *text, char **end, int base)
{
	struct number n = parse(text, end, (unsigned int)base);

	if (n.overflow) {
		errno = ERANGE;
		return ULONG_MAX;
	}
	return n.negative ? -n.magnitude : n.magnitude;
}

_Static_assert(sizeof(long) == sizeof(long long), "long long needs functions of its own");

long long
strtoll(const char *text, char **end, int base)
{
	return strtol(text, end, base);
}

unsigned long long
strtoull(const char *text, char **end, int base)
{
	return strtoul(text, end, base);
}

intmax_t
strtoimax(const char *text, char **end, int base)
{
	return strtol(text, end, base);
}

uintmax_t
strtoumax(const char *text, char **end, int base)
{
	return strtoul(text, end, base);
}

int
atoi(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

long
atol(const char *text)
{
	return strtol(text, NULL, 10);
}

long long
atoll(const char *text)
{
	return strtol(text, NULL, 10);
}
