// SPDX-License-Identifier: MIT
/*
 * Text to floating-point numbers, correctly rounded: decimal or hexadecimal
 * digits with an exponent, "inf", "infinity", "nan".
 */
#include "decimal.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EXPONENT_LIMIT 100000 // more is as good as infinite

/*
 * An exponent behind the digits: a letter, a sign, digits.  Without digits the
 * letter belongs to what follows the number.
 */
static long
parse_exponent(const char **text, char letter)
{
	const char *p = *text;
	bool negative = false;
	long value = 0;

	if (tolower((unsigned char)*p) != letter)
		return 0;
	p++;
	if (*p == '+' || *p == '-')
		negative = *p++ == '-';
	if (!isdigit((unsigned char)*p))
		return 0;
	for (; isdigit((unsigned char)*p); p++) {
		if (value < EXPONENT_LIMIT)
			value = value * 10 + (*p - '0');
	}
	*text = p;
	return negative ? -value : value;
}

/*
 * Parse digits and a point; return false if there is no digit.  Zeroes in
 * front only move the point.
 */
static bool
parse_decimal(const char **text, struct decimal *d)
{
	bool any = false;
	bool fraction = false;

	*d = (struct decimal){ .count = 0 };
	for (;; (*text)++) {
		unsigned char c = (unsigned char)**text;

		if (c == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (!isdigit(c))
			break;
		any = true;
		if (d->count > 0 || c != '0') {
			__decimal_append(d, c - '0');
			d->point += !fraction;
		} else {
			d->point -= fraction;
		}
	}
	if (!any)
		return false;
	d->point += parse_exponent(text, 'e');
	__decimal_trim(d);
	return true;
}

static unsigned int
hex_digit(unsigned char c)
{
	return (unsigned int)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
}

static bool
parse_hexadecimal(const char **text, struct decimal *d)
{
	uint64_t value = 0;
	long exponent = 0;
	bool any = false;
	bool fraction = false;
	bool more = false;
	const char *p = *text + 2; // "0x"

	for (;; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (!isxdigit(c))
			break;
		any = true;
		if (value >> 60 == 0) {
			value = value << 4 | hex_digit(c);
			exponent -= fraction ? 4 : 0;
		} else {
			more |= c != '0';
			exponent += fraction ? 0 : 4;
		}
	}
	if (!any)
		return false;
	exponent += parse_exponent(&p, 'p');
	if (exponent > EXPONENT_LIMIT)
		exponent = EXPONENT_LIMIT;
	if (exponent < -EXPONENT_LIMIT)
		exponent = -EXPONENT_LIMIT;
	*text = p;
	__decimal_set(d, value);
	d->more = more;
	if (d->count > 0)
		__decimal_shift(d, (int)exponent);
	return true;
}

/*
 * A word that is no digits, or 0 and *text unchanged.
 */
static double
parse_word(const char **text)
{
	static const char *const words[] = { "infinity", "inf", "nan" };

	for (int i = 0; i < 3; i++) {
		size_t length = strlen(words[i]);

		if (strncasecmp(*text, words[i], length) == 0) {
			*text += length;
			return words[i][0] == 'n' ? (double)NAN : HUGE_VAL;
		}
	}
	return 0;
}

double
strtod(const char *text, char **end)
{
	const char *p = text;
	struct decimal d;
	bool negative = false;
	bool found = false;
	double x;

	while (isspace((unsigned char)*p))
		p++;
	if (*p == '+' || *p == '-')
		negative = *p++ == '-';
	if (p[0] == '0' && tolower((unsigned char)p[1]) == 'x')
		found = parse_hexadecimal(&p, &d);
	if (!found)
		found = parse_decimal(&p, &d);
	if (found) {
		x = __decimal_to_double(&d);
		if (isinf(x) || (d.count > 0 && x < 0x1p-1022))
			errno = ERANGE;
	} else {
		const char *word = p;

		x = parse_word(&p);
		found = p != word;
	}
	if (end != NULL)
		*end = (char *)(found ? p : text);
	return negative ? -x : x;
}

float
strtof(const char *text, char **end)
{
	return (float)strtod(text, end);
}

double
atof(const char *text)
{
	return strtod(text, NULL);
}
