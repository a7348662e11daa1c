// SPDX-License-Identifier: MIT
/*
 * printf() against the host's: every flag with widths, precisions, lengths and
 * values, then doubles of random bits.
 */
#include <ctype.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

int lib_snprintf(char *text, size_t size, const char *format, ...);
int lib_asprintf(char **text, const char *format, ...);
void lib_free(void *memory);
int lib_vsnprintf(char *text, size_t size, const char *format, va_list args);

// printf() takes its arguments through this, since formats are made at run time.
typedef int printer(char *text, size_t size, const char *format, ...);

static printer *const ours = lib_snprintf;
static printer *const theirs = snprintf;

static const char *const flags[] = { "",   "-",  "+",  " ",  "#",   "0",   "-0",   "+0",
				     "- ", "+ ", "#0", "-#", "+-#", " 0#", "+-0 #" };
static const char *const widths[] = { "", "1", "7", "30" };
static const char *const precisions[] = { "", ".", ".0", ".1", ".5", ".25" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define COMPARE(format, ...)                                                       \
	do {                                                                       \
		char got[1024], want[1024];                                        \
		int got_length = ours(got, sizeof(got), format, __VA_ARGS__);      \
		int want_length = theirs(want, sizeof(want), format, __VA_ARGS__); \
                                                                                   \
		CHECK(got_length == want_length);                                  \
		CHECK_TEXT(got, want, "format \"%s\"", format);                    \
	} while (0)

static void
test_integers(const char *start)
{
	static const long long values[] = { 0,         1,         -1,          7,        -8,
					    42,        255,       256,         -129,     32768,
					    65535,     INT_MAX,   INT_MIN,     UINT_MAX, LLONG_MAX,
					    LLONG_MIN, 100000000, 123456789012 };
	static const char *const lengths[] = { "hh", "h", "", "l", "ll", "j", "z", "t" };
	char format[64];

	for (const char *letter = "diuoxX"; *letter != '\0'; letter++) {
		for (size_t l = 0; l < COUNT(lengths); l++) {
			snprintf(format, sizeof(format), "<%s%s%c>", start, lengths[l], *letter);
			for (size_t v = 0; v < COUNT(values); v++) {
				if (l < 3)
					COMPARE(format, (int)values[v]);
				else
					COMPARE(format, values[v]);
			}
		}
	}
}

static void
test_texts(const char *start)
{
	static const char *const texts[] = { "", "a", "hello", "a longer text than most" };
	char format[64];

	snprintf(format, sizeof(format), "<%ss>", start);
	for (size_t i = 0; i < COUNT(texts); i++)
		COMPARE(format, texts[i]);
	COMPARE(format, (char *)NULL);
	snprintf(format, sizeof(format), "<%sc>", start);
	COMPARE(format, 'x');
	if (strpbrk(start, "+ #") != NULL)
		return; // the host adds a sign to a pointer
	snprintf(format, sizeof(format), "<%sp>", start);
	COMPARE(format, (void *)0x1234abcd);
}

static void
test_doubles(const char *start)
{
	static const double values[] = { 0.0,      -0.0,     1.0,       -1.0,        0.5,
					 1.5,      2.5,      9.5,       9.9999,      0.1,
					 123.456,  1e10,     1e-5,      1e-4,        99999.5,
					 999999.5, 1e15,     1e16,      DBL_MAX,     DBL_MIN,
					 5e-324,   INFINITY, -INFINITY, (double)NAN, 0.000123,
					 1e22,     1e23,     100000.0,  1000000.0 };
	char format[64];

	for (const char *letter = "fFeEgG"; *letter != '\0'; letter++) {
		snprintf(format, sizeof(format), "<%s%c>", start, *letter);
		for (size_t i = 0; i < COUNT(values); i++) {
			bool carries = values[i] == 99999.5 || values[i] == 999999.5;

			// The host's %#g then forgets its zeroes; see test_carry().
			if (!carries || tolower(*letter) != 'g' || strchr(start, '#') == NULL)
				COMPARE(format, values[i]);
		}
		snprintf(format, sizeof(format), "<%sL%c>", start, *letter);
		COMPARE(format, 2.71875L); // ours has no more digits than a double
	}
}

static double
from_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

static void
test_random_doubles(void)
{
	static const char *const formats[] = { "%f",   "%e",   "%g",    "%.17g",  "%.0f",  "%.0e",
					       "%.1g", "%.3f", "%.20e", "%#.15g", "%.60f", "%.16e" };

	for (int i = 0; i < 20000; i++) {
		double x = from_bits(unit_random());

		COMPARE(formats[i % COUNT(formats)], x);
	}
	// Numbers of everyday size, many of them ties in their last digit.
	for (int i = 0; i < 20000; i++) {
		double x = (double)unit_below(1 << 20) / (double)(1 << unit_below(12));

		COMPARE(formats[i % COUNT(formats)], i % 2 == 0 ? x : -x);
	}
}

/*
 * Every buffer size: what fits, the null byte, and no byte beyond.
 */
static void
test_truncation(void)
{
	const char *want = "number 42, text abc, 3.250";
	int length = (int)strlen(want);

	for (int size = 0; size <= length + 1; size++) {
		char *text = malloc((size_t)size + 1);

		memset(text, '~', (size_t)size + 1);
		CHECK(ours(text, (size_t)size, "number %d, text %s, %.3f", 42, "abc", 3.25) ==
		      length);
		if (size > 0) {
			CHECK(strncmp(text, want, (size_t)size - 1) == 0);
			CHECK(strlen(text) == (size_t)size - 1);
		}
		CHECK(text[size] == '~');
		free(text);
	}
	CHECK(ours(NULL, 0, "%s", "abc") == 3);
}

static void
test_stars(void)
{
	COMPARE("<%*d>", 10, 42);
	COMPARE("<%*d>", -10, 42);
	COMPARE("<%.*d>", 5, 42);
	COMPARE("<%.*d>", -5, 42);
	COMPARE("<%*.*f>", 12, 3, 3.14159);
	COMPARE("<%-*.*s>", 12, 3, "abcdef");
	COMPARE("%d%%%c%s%%", 1, 'x', "y");
}

/*
 * Rounding up makes a digit more: # keeps as many zeroes as ever (C17, 7.21.6.1).
 */
static void
test_carry(void)
{
	char text[64];

	ours(text, sizeof(text), "%#g", 999999.5);
	CHECK_TEXT(text, "1.00000e+06", "%%#g");
	ours(text, sizeof(text), "%#.5g", 99999.5);
	CHECK_TEXT(text, "1.0000e+05", "%%#.5g");
	ours(text, sizeof(text), "%#.6g", 99999.97);
	CHECK_TEXT(text, "100000.", "%%#.6g");
}

/*
 * What C leaves open or the library does not have.
 */
static void
test_unknown(void)
{
	char text[64];
	char *memory;

	CHECK(ours(text, sizeof(text), "a%yb%d", 7) == 5);
	CHECK_TEXT(text, "a%yb7", "unknown conversion");
	CHECK(ours(text, sizeof(text), "100%") == 4);
	CHECK_TEXT(text, "100%", "lone %% at the end");
	CHECK(ours(text, sizeof(text), "%p", NULL) == 5);
	CHECK_TEXT(text, "(nil)", "null pointer");
	unit_errno = 0;
	CHECK(ours(text, sizeof(text), "%2147483647d%d", 1, 1) == -1);
	CHECK(unit_errno != 0);
	CHECK(lib_asprintf(&memory, "%s-%05d", "ab", 42) == 8);
	CHECK_TEXT(memory, "ab-00042", "asprintf");
	lib_free(memory);
}

int
main(void)
{
	char start[64];

	for (size_t f = 0; f < COUNT(flags); f++) {
		for (size_t w = 0; w < COUNT(widths); w++) {
			for (size_t p = 0; p < COUNT(precisions); p++) {
				snprintf(start, sizeof(start), "%%%s%s%s", flags[f], widths[w],
					 precisions[p]);
				test_integers(start);
				test_doubles(start);
				test_texts(start);
			}
		}
	}
	test_random_doubles();
	test_truncation();
	test_stars();
	test_carry();
	test_unknown();
	return unit_end(600000);
}
