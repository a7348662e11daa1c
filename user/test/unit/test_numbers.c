// SPDX-License-Identifier: MIT
/*
 * Text to numbers against the host's: values, ends and errors.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

long lib_strtol(const char *text, char **end, int base);
unsigned long lib_strtoul(const char *text, char **end, int base);
double lib_strtod(const char *text, char **end);

static void
compare_integers(const char *text, int base)
{
	char *got_end, *want_end;
	long got, want;
	unsigned long got_u, want_u;

	unit_errno = errno = 0;
	got = lib_strtol(text, &got_end, base);
	want = strtol(text, &want_end, base);
	unit_checks++;
	if (got != want || got_end != want_end || unit_errno != errno)
		unit_fail(__FILE__, __LINE__,
			  "strtol(\"%s\", %d): %ld, end %td, errno %d, not %ld, %td, %d", text,
			  base, got, got_end - text, unit_errno, want, want_end - text, errno);
	unit_errno = errno = 0;
	got_u = lib_strtoul(text, &got_end, base);
	want_u = strtoul(text, &want_end, base);
	unit_checks++;
	if (got_u != want_u || got_end != want_end || unit_errno != errno)
		unit_fail(__FILE__, __LINE__, "strtoul(\"%s\", %d): %lu, not %lu", text, base,
			  got_u, want_u);
}

static void
test_integers(void)
{
	static const char *const texts[] = {
		"",
		" ",
		"0",
		"00",
		"1",
		"-1",
		"+1",
		"+-1",
		"--1",
		"0x",
		"0x1f",
		"0X1F",
		"-0xff",
		"0xg",
		"017",
		"08",
		"0b1",
		" \t\n\v\f\r42x",
		"z",
		"Zz",
		"9223372036854775807",
		"9223372036854775808",
		"-9223372036854775808",
		"-9223372036854775809",
		"18446744073709551615",
		"18446744073709551616",
		"-18446744073709551615",
		"99999999999999999999999999999",
		"-99999999999999999999999999999",
		"7fffffffffffffff",
		"8000000000000000",
		"- 1",
		"1 2",
	};
	static const int bases[] = { 0, 2, 8, 10, 16, 36, 7 };

	for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
		for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
			compare_integers(texts[t], bases[b]);
		for (int i = 0; i < 5000; i++) {
			char text[32];
			size_t length = unit_below(24);

			for (size_t c = 0; c < length; c++)
				text[c] = "0123456789abcdefxXzZ+- "[unit_below(23)];
			text[length] = '\0';
			compare_integers(text, bases[b]);
		}
	}
	unit_errno = 0;
	CHECK(lib_strtol("1", NULL, 1) == 0 && unit_errno == EINVAL);
	CHECK(lib_strtol("1", NULL, 37) == 0 && unit_errno == EINVAL);
	CHECK(lib_strtol("1", NULL, -1) == 0 && unit_errno == EINVAL);
}

static void
compare_double(const char *text)
{
	char *got_end, *want_end;
	double got, want;

	unit_errno = errno = 0;
	got = lib_strtod(text, &got_end);
	want = strtod(text, &want_end);
	unit_checks++;
	if (got_end != want_end || signbit(got) != signbit(want) ||
	    !(got == want || (isnan(got) && isnan(want))))
		unit_fail(__FILE__, __LINE__, "strtod(\"%s\"): %a, end %td, not %a, end %td", text,
			  got, got_end - text, want, want_end - text);
	// glibc sets ERANGE for small numbers only if they are not exact.
	if (isinf(want) && errno == ERANGE)
		CHECK(unit_errno == ERANGE);
	if (!isinf(want) && fabs(want) > 1e-300)
		CHECK(unit_errno == 0);
}

static void
test_doubles(void)
{
	static const char *const texts[] = {
		"",
		".",
		"0",
		"-0",
		"+1.",
		".5",
		"1.5e",
		"1.5e+",
		"1e5",
		"1E-5",
		"1e400",
		"-1e400",
		"1e-400",
		"2.2250738585072011e-308",
		"2.2250738585072014e-308",
		"4.9e-324",
		"2.4703282292062327e-324",
		"2.4703282292062328e-324",
		"1.7976931348623157e308",
		"1.7976931348623159e308",
		"inf",
		"-INF",
		"infinity",
		"infinit",
		"nan",
		"NaN",
		"0x",
		"0x1p3",
		"0x1.8p-1",
		"0x.8",
		"0x1p-1074",
		"0x1p-1075",
		"0x1.8p-1075",
		"0x1.fffffffffffff8p0",
		"0x1.fffffffffffff7p0",
		"0x1p1024",
		"0x123456789abcdef0123p-4",
		"9007199254740993",
		"9007199254740992.5",
		"9007199254740993.00000000000000000000000000000000000000000000000001",
		"0.000000000000000000000000000000000000000000000000000000000000000001e70",
		"1e99999999999999999999",
		"1e-99999999999999999999",
		"0e99999999999999999999",
		" 12abc",
		"0.1e1x",
		"1..2",
		"e5",
		"+.e1",
		"123456789012345678901234567890",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		compare_double(texts[i]);
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = unit_random();
		char text[128];
		double x;

		memcpy(&x, &bits, sizeof(x));
		snprintf(text, sizeof(text), "%.*g", (int)unit_below(20) + 1, x);
		compare_double(text);
		snprintf(text, sizeof(text), "%a", x);
		compare_double(text);
		snprintf(text, sizeof(text), "%lu.%lue%d", (unsigned long)unit_below(100000),
			 (unsigned long)unit_random(), (int)unit_below(40) - 20);
		compare_double(text);
	}
}

/*
 * Halfway between two doubles, to the last of some hundred digits: rounds to
 * even; a digit more and it must round up.
 */
static void
test_halfway(void)
{
	for (int i = 0; i < 500; i++) {
		uint64_t bits = unit_random() & 0x7fffffffffffffff;
		double low, high;
		char text[1200];

		memcpy(&low, &bits, sizeof(low));
		if (!isfinite(low) || low > 1e300 || low < 1e-290)
			continue;
		high = nextafter(low, INFINITY);
		snprintf(text, sizeof(text), "%.1100Lf",
			 ((long double)low + (long double)high) / 2);
		compare_double(text);
		text[strlen(text) - 1] = '1';
		compare_double(text);
	}
}

int
main(void)
{
	test_integers();
	test_doubles();
	test_halfway();
	return unit_end(150000);
}
