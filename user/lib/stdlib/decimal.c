// SPDX-License-Identifier: MIT
/*
 * Decimals multiplied and divided by powers of two, as by hand: a digit after
 * the other with a carry.  A double is an integer times a power of two, so one
 * such shift turns it into its exact decimal; and a decimal shifted until it
 * lies in [1/2, 1) tells the double's exponent, shifted again by 53 its
 * mantissa.  Slower than the tricks for short numbers, but right for all.
 */
#include "decimal.h"

#include <math.h>
#include <string.h>

#define SHIFT_MAX     60 // ten times a number of so many bits fits 64
#define SHIFT_DIGITS  19 // digits that such a shift adds in front
#define MANTISSA_BITS 53 // of a double, with the one not stored (IEEE 754)
#define EXPONENT_MIN  (-1022)
#define EXPONENT_MAX  1023
#define EXPONENT_BIAS 1023

void
__decimal_trim(struct decimal *d)
{
	while (d->count > 0 && d->digit[d->count - 1] == 0)
		d->count--;
	if (d->count == 0)
		d->point = 0;
}

void
__decimal_append(struct decimal *d, unsigned int digit)
{
	if (d->count < DECIMAL_DIGITS)
		d->digit[d->count++] = (unsigned char)digit;
	else if (digit != 0)
		d->more = true;
}

void
__decimal_set(struct decimal *d, uint64_t value)
{
	unsigned char reversed[20];
	int count = 0;

	for (; value != 0; value /= 10)
		reversed[count++] = value % 10;
	d->count = 0;
	d->point = count;
	d->more = false;
	while (count > 0)
		__decimal_append(d, reversed[--count]);
	__decimal_trim(d);
}

static void
shift_left(struct decimal *d, int bits)
{
	unsigned char product[DECIMAL_DIGITS + SHIFT_DIGITS];
	int end = d->count + SHIFT_DIGITS;
	int start = end;
	uint64_t carry = 0;

	for (int i = d->count - 1; i >= 0; i--) {
		carry += (uint64_t)d->digit[i] << bits;
		product[--start] = carry % 10;
		carry /= 10;
	}
	for (; carry != 0; carry /= 10)
		product[--start] = carry % 10;
	d->point += end - start - d->count;
	d->count = 0;
	for (int i = start; i < end; i++)
		__decimal_append(d, product[i]);
	__decimal_trim(d);
}

/*
 * The quotient's digits never overtake the dividend's, so this works in place.
 */
static void
shift_right(struct decimal *d, int bits)
{
	uint64_t remainder = 0;
	int count = d->count;
	bool started = false;

	d->count = 0;
	for (int i = 0; i < count || remainder != 0; i++) {
		unsigned int quotient;

		remainder = remainder * 10 + (i < count ? d->digit[i] : 0);
		quotient = (unsigned int)(remainder >> bits);
		remainder &= ((uint64_t)1 << bits) - 1;
		if (quotient != 0)
			started = true;
		if (started)
			__decimal_append(d, quotient);
		else
			d->point--;
	}
	__decimal_trim(d);
}

void
__decimal_shift(struct decimal *d, int bits)
{
	for (; bits > SHIFT_MAX; bits -= SHIFT_MAX)
		shift_left(d, SHIFT_MAX);
	for (; bits < -SHIFT_MAX; bits += SHIFT_MAX)
		shift_right(d, SHIFT_MAX);
	if (bits > 0)
		shift_left(d, bits);
	else if (bits < 0)
		shift_right(d, -bits);
}

/*
 * Is what lies behind the first count digits more than half of one in the last
 * of them, or half and that one odd?
 */
static bool
rounds_up(const struct decimal *d, int count)
{
	if (d->digit[count] != 5)
		return d->digit[count] > 5;
	if (count + 1 < d->count || d->more)
		return true;
	return count > 0 && d->digit[count - 1] % 2 == 1;
}

void
__decimal_round(struct decimal *d, long count)
{
	bool up;

	if (count >= d->count)
		return;
	up = count >= 0 && rounds_up(d, (int)count);
	d->count = count > 0 ? (int)count : 0;
	d->more = false;
	if (up) {
		while (d->count > 0 && d->digit[d->count - 1] == 9)
			d->count--;
		if (d->count == 0) {
			d->digit[d->count++] = 1;
			d->point++;
		} else {
			d->digit[d->count - 1]++;
		}
	}
	__decimal_trim(d);
}

/*
 * Rounded to an integer.  The caller knows that it fits.
 */
static uint64_t
to_integer(struct decimal *d)
{
	uint64_t value = 0;

	__decimal_round(d, d->point);
	for (long i = 0; i < d->point; i++)
		value = value * 10 + (i < d->count ? d->digit[i] : 0);
	return value;
}

/*
 * Shift d into [1/2, 1) and return by how many bits it was shifted right.  Each
 * step is as large as the number of digits surely allows: 10 > 2^3.
 */
static int
normalise(struct decimal *d)
{
	int exponent = 0;

	while (d->point > 0) {
		int bits = d->point > SHIFT_MAX / 3 ? SHIFT_MAX : (int)d->point * 3 - 2;

		shift_right(d, bits);
		exponent += bits;
	}
	while (d->point < 0 || d->digit[0] < 5) {
		int bits = -d->point >= SHIFT_MAX / 3 ? SHIFT_MAX : (int)-d->point * 3;

		if (bits == 0)
			bits = 1;
		shift_left(d, bits);
		exponent -= bits;
	}
	return exponent;
}

double
__decimal_to_double(const struct decimal *original)
{
	struct decimal d = *original;
	uint64_t mantissa;
	int exponent;
	double x;

	if (d.count == 0 || d.point < -330)
		return 0;
	if (d.point > 310)
		return HUGE_VAL;
	exponent = normalise(&d) - 1;
	if (exponent < EXPONENT_MIN) {
		__decimal_shift(&d, exponent - EXPONENT_MIN);
		exponent = EXPONENT_MIN;
	}
	__decimal_shift(&d, MANTISSA_BITS);
	mantissa = to_integer(&d);
	if (mantissa == (uint64_t)1 << MANTISSA_BITS) {
		mantissa >>= 1;
		exponent++;
	}
	if (exponent > EXPONENT_MAX)
		return HUGE_VAL;
	// The leading one is not stored but adds one to the exponent's field.
	mantissa += (uint64_t)(exponent + EXPONENT_BIAS - 1) << (MANTISSA_BITS - 1);
	memcpy(&x, &mantissa, sizeof(x));
	return x;
}

void
__decimal_from_double(struct decimal *d, double x)
{
	uint64_t bits;
	uint64_t mantissa;
	int exponent;

	memcpy(&bits, &x, sizeof(bits));
	mantissa = bits & (((uint64_t)1 << (MANTISSA_BITS - 1)) - 1);
	exponent = (int)(bits >> (MANTISSA_BITS - 1)) & 0x7ff;
	if (exponent == 0)
		exponent = 1; // too small for a leading one
	else
		mantissa |= (uint64_t)1 << (MANTISSA_BITS - 1);
	__decimal_set(d, mantissa);
	__decimal_shift(d, exponent - EXPONENT_BIAS - (MANTISSA_BITS - 1));
}
