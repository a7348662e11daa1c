// SPDX-License-Identifier: MIT
/*
 * %f, %e and %g: from the number's exact decimal, rounded where the conversion
 * cuts it, so every digit is right.
 */
#include "format.h"

#include "../stdlib/decimal.h"

#include <math.h>
#include <string.h>

#define PRECISION_DEFAULT 6
#define PIECE             64 // digits handed on at a time

// How a number is laid out: sign, integer digits, point, fraction, exponent.
struct layout {
	const char *sign;
	long integer;     // digits before the point, at least 1
	long fraction;    // digits behind it
	long first;       // which digit of the decimal comes first; may be < 0
	bool point;       // is there one, even if no digit follows
	char exponent[8]; // "e+05", or ""
};

static char
digit_at(const struct decimal *d, long index)
{
	return index < 0 || index >= d->count ? '0' : (char)('0' + d->digit[index]);
}

/*
 * At least two digits.
 */
static void
make_exponent(char *text, char letter, long exponent)
{
	char digits[4];
	int count = 0;

	*text++ = letter;
	*text++ = exponent < 0 ? '-' : '+';
	if (exponent < 0)
		exponent = -exponent;
	for (; exponent > 0 || count < 2; exponent /= 10)
		digits[count++] = (char)('0' + exponent % 10);
	while (count > 0)
		*text++ = digits[--count];
	*text = '\0';
}

static void
lay_out_fixed(struct layout *l, const struct decimal *d, long precision)
{
	l->integer = d->point > 0 ? d->point : 1;
	l->first = d->point > 0 ? 0 : d->point - 1;
	l->fraction = precision;
}

static void
lay_out_scientific(struct layout *l, const struct decimal *d, long precision, char letter)
{
	l->integer = 1;
	l->first = 0;
	l->fraction = precision;
	make_exponent(l->exponent, letter, d->count == 0 ? 0 : d->point - 1);
}

/*
 * Precision is the number of digits in all.  Without # zeroes at the end of
 * the fraction are left out; the decimal has none, so its count tells.
 */
static void
lay_out_general(struct layout *l, const struct conversion *cv, struct decimal *d, long precision)
{
	long digits = precision == 0 ? 1 : precision;
	long exponent;

	__decimal_round(d, digits);
	exponent = d->count == 0 ? 0 : d->point - 1;
	if (exponent < -4 || exponent >= digits) {
		digits = cv->alternate ? digits : d->count;
		lay_out_scientific(l, d, digits - 1, cv->letter == 'G' ? 'E' : 'e');
	} else {
		digits = cv->alternate ? digits : d->count;
		lay_out_fixed(l, d, digits - 1 - exponent);
	}
	if (l->fraction < 0)
		l->fraction = 0;
}

static struct layout
lay_out(const struct conversion *cv, struct decimal *d)
{
	long precision = cv->precision < 0 ? PRECISION_DEFAULT : cv->precision;
	struct layout l = { .sign = "" };

	switch (cv->letter) {
	case 'f':
	case 'F':
		__decimal_round(d, d->point + precision);
		lay_out_fixed(&l, d, precision);
		break;
	case 'e':
	case 'E':
		__decimal_round(d, precision + 1);
		lay_out_scientific(&l, d, precision, cv->letter);
		break;
	default:
		lay_out_general(&l, cv, d, precision);
	}
	l.point = l.fraction > 0 || cv->alternate;
	return l;
}

static void
write_digits(struct sink *sink, const struct decimal *d, long first, long count)
{
	while (count > 0) {
		char piece[PIECE];
		long length = count < PIECE ? count : PIECE;

		for (long i = 0; i < length; i++)
			piece[i] = digit_at(d, first + i);
		__format_text(sink, piece, (size_t)length);
		first += length;
		count -= length;
	}
}

static void
write_number(struct sink *sink, const struct conversion *cv, const struct layout *l,
	     const struct decimal *d)
{
	size_t length = strlen(l->sign) + (size_t)l->integer + l->point + (size_t)l->fraction +
			strlen(l->exponent);
	size_t pad = cv->width > length ? cv->width - length : 0;

	if (!cv->left && !cv->zero)
		__format_repeat(sink, ' ', pad);
	__format_text(sink, l->sign, strlen(l->sign));
	if (!cv->left && cv->zero)
		__format_repeat(sink, '0', pad);
	write_digits(sink, d, l->first, l->integer);
	__format_text(sink, ".", l->point);
	write_digits(sink, d, l->first + l->integer, l->fraction);
	__format_text(sink, l->exponent, strlen(l->exponent));
	if (cv->left)
		__format_repeat(sink, ' ', pad);
}

static void
write_word(struct sink *sink, const struct conversion *cv, const char *sign, const char *word)
{
	size_t length = strlen(sign) + 3;
	size_t pad = cv->width > length ? cv->width - length : 0;

	if (!cv->left)
		__format_repeat(sink, ' ', pad);
	__format_text(sink, sign, strlen(sign));
	__format_text(sink, word, 3);
	if (cv->left)
		__format_repeat(sink, ' ', pad);
}

void
__format_double(struct sink *sink, const struct conversion *cv, double x)
{
	const char *sign = signbit(x) ? "-" : cv->plus ? "+" : cv->space ? " " : "";
	bool upper = cv->letter < 'a';
	struct decimal d;
	struct layout l;

	if (isnan(x)) {
		write_word(sink, cv, sign, upper ? "NAN" : "nan");
		return;
	}
	if (isinf(x)) {
		write_word(sink, cv, sign, upper ? "INF" : "inf");
		return;
	}
	__decimal_from_double(&d, signbit(x) ? -x : x);
	l = lay_out(cv, &d);
	l.sign = sign;
	write_number(sink, cv, &l, &d);
}
