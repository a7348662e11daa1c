// SPDX-License-Identifier: MIT
/*
 * Exact decimal numbers, for turning doubles into text and back.
 *
 * A decimal is 0.d1 d2 d3 ... * 10^point.  The longest exact double has 767
 * digits.  Longer input keeps its first DECIMAL_DIGITS and notes that there
 * was more: all that rounding needs to know of the rest.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DECIMAL_DIGITS 800

struct decimal {
	int count;  // digits; the first and last are not 0, zero has none
	long point; // where the decimal point lies, from the first digit
	bool more;  // digits that are not all 0 were cut off behind the last
	unsigned char digit[DECIMAL_DIGITS];
};

// Make d an integer.
void __decimal_set(struct decimal *d, uint64_t value);

// Append a digit, 0 to 9, without moving the point.
void __decimal_append(struct decimal *d, unsigned int digit);

// Drop zeroes at the end.
void __decimal_trim(struct decimal *d);

// Multiply by 2^bits.
void __decimal_shift(struct decimal *d, int bits);

// Keep the first count digits (none if it is negative): to nearest, ties to even.
void __decimal_round(struct decimal *d, long count);

// The nearest double, HUGE_VAL if it is too large.
double __decimal_to_double(const struct decimal *d);

// Make d exactly the absolute value of a finite x.
void __decimal_from_double(struct decimal *d, double x);
