// SPDX-License-Identifier: MIT
/*
 * Formatted text: every combination of flags, widths, precisions and sizes
 * against the C library's snprintf(), which is another implementation of the
 * same standard.
 */
// kernel: lib/format.c
#include "lib/print.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static unsigned compared;

// Compare the two for one format and its arguments.
#define COMPARE(format, ...)                                                                    \
	do {                                                                                    \
		char ours_[256], theirs_[256];                                                  \
		int n_ = format_string(ours_, sizeof(ours_), format, __VA_ARGS__);              \
		int m_ = snprintf(theirs_, sizeof(theirs_), format, __VA_ARGS__);               \
		if (n_ != m_ || strcmp(ours_, theirs_) != 0)                                    \
			check_fail(__FILE__, __LINE__, "\"%s\" gives %d \"%s\", not %d \"%s\"", \
				   format, n_, ours_, m_, theirs_);                             \
		compared++;                                                                     \
	} while (0)

static const char *const widths[] = { "", "1", "2", "5", "12", "30" };
static const char *const precisions[] = { "", ".", ".0", ".1", ".3", ".12", ".25" };

// Call fn for every combination of flags, width and precision, as text.
static void
for_each_spec(void (*fn)(const char *spec), const char *flags)
{
	char spec[32];
	size_t n = strlen(flags);

	for (unsigned set = 0; set < 1u << n; set++) {
		char chosen[8] = "";
		for (size_t i = 0; i < n; i++)
			if (set >> i & 1)
				strncat(chosen, flags + i, 1);
		for (size_t w = 0; w < COUNT(widths); w++) {
			for (size_t p = 0; p < COUNT(precisions); p++) {
				snprintf(spec, sizeof(spec), "%%%s%s%s", chosen, widths[w],
					 precisions[p]);
				fn(spec);
			}
		}
	}
}

static const int64_t numbers[] = { 0,
				   1,
				   -1,
				   7,
				   8,
				   42,
				   -42,
				   100,
				   127,
				   128,
				   255,
				   256,
				   -128,
				   -129,
				   32767,
				   32768,
				   65535,
				   INT_MAX,
				   INT_MIN,
				   UINT_MAX,
				   INT64_MAX,
				   INT64_MIN,
				   0123456701234567 };

static void
compare_integers(const char *spec)
{
	char format[40];

	for (const char *c = "diuxXo"; *c != '\0'; c++) {
		for (size_t i = 0; i < COUNT(numbers); i++) {
			snprintf(format, sizeof(format), "<%s%c>", spec, *c);
			COMPARE(format, (int)numbers[i]);
			snprintf(format, sizeof(format), "<%shh%c>", spec, *c);
			COMPARE(format, (int)numbers[i]);
			snprintf(format, sizeof(format), "<%sh%c>", spec, *c);
			COMPARE(format, (int)numbers[i]);
			snprintf(format, sizeof(format), "<%sl%c>", spec, *c);
			COMPARE(format, (long)numbers[i]);
			snprintf(format, sizeof(format), "<%sll%c>", spec, *c);
			COMPARE(format, (long long)numbers[i]);
			snprintf(format, sizeof(format), "<%sz%c>", spec, *c);
			COMPARE(format, (size_t)numbers[i]);
			snprintf(format, sizeof(format), "<%st%c>", spec, *c);
			COMPARE(format, (ptrdiff_t)numbers[i]);
			snprintf(format, sizeof(format), "<%sj%c>", spec, *c);
			COMPARE(format, (intmax_t)numbers[i]);
		}
	}
}

TEST(integers)
{
	for_each_spec(compare_integers, "-+ 0#");
	CHECK(compared > 100000);
}

static void
compare_strings(const char *spec)
{
	static const char *const strings[] = { "", "a", "abc", "abcdefghijklmnopqrstuvwxyz" };
	char format[40];

	for (size_t i = 0; i < COUNT(strings); i++) {
		snprintf(format, sizeof(format), "<%ss>", spec);
		COMPARE(format, strings[i]);
	}
}

TEST(strings)
{
	for_each_spec(compare_strings, "-");
	CHECK(compared > 100);
}

TEST(string_without_end)
{
	const char no_end[3] = { 'a', 'b', 'c' };
	char text[16];

	CHECK_EQ(format_string(text, sizeof(text), "%.3s", no_end), 3);
	CHECK_STRING(text, "abc");
}

TEST(null_string)
{
	char text[16];
	const char *volatile none = NULL;

	CHECK_EQ(format_string(text, sizeof(text), "%s", none), 6);
	CHECK_STRING(text, "(null)");
}

TEST(characters)
{
	COMPARE("<%c%c>", 'a', '%');
	COMPARE("<%5c|%-5c>", 'x', 'y');
	char text[4] = "###";
	CHECK_EQ(format_string(text, sizeof(text), "%c", '\0'), 1);
	CHECK_EQ(text[0], 0);
	CHECK_EQ(text[1], 0);
}

TEST(pointers)
{
	char text[40];

	COMPARE("<%p>", (void *)(uintptr_t)0x1234abcd);
	COMPARE("<%20p|%-20p>", (void *)(uintptr_t)0x1234abcd, (void *)UINTPTR_MAX);
	format_string(text, sizeof(text), "%p", NULL);
	CHECK_STRING(text, "0x0"); // the C library's "(nil)" is its own
}

TEST(star)
{
	COMPARE("<%*d>", 7, 42);
	COMPARE("<%*d>", -7, 42);
	COMPARE("<%-*d>", 7, 42);
	COMPARE("<%.*d>", 4, 42);
	COMPARE("<%.*d>", -4, 42);
	COMPARE("<%*.*s>", 9, 2, "abcdef");
	COMPARE("<%*.*s>", -9, -2, "abcdef");
	COMPARE("<%0*x>", 16, 0xabc);
}

TEST(text_around)
{
	COMPARE("%s", "");
	COMPARE("a%db%sc%%d", 1, "x");
	COMPARE("100%%%s", "");
	COMPARE("%d%d%d%d%d%d%d%d%d%d", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
	COMPARE("%lld %s %c %lu", 1LL, "s", 'c', 2UL);
}

TEST(size_is_kept)
{
	for (size_t size = 0; size <= 12; size++) {
		char ours[16], theirs[16];
		memset(ours, '#', sizeof(ours));
		memset(theirs, '#', sizeof(theirs));
		CHECK_EQ(format_string(ours, size, "%s-%d", "abcd", 12345), 10);
		snprintf(theirs, size, "%s-%d", "abcd", 12345);
		CHECK(memcmp(ours, theirs, sizeof(ours)) == 0);
	}
	CHECK_EQ(format_string(NULL, 0, "%d", 12345), 5);
}

// What is no conversion is shown, and nothing is read for it.
TEST(unknown_is_shown)
{
	static const struct {
		const char *format, *text;
	} cases[] = {
		{ "%", "%" },        { "a%", "a%" },     { "%k", "%k" },
		{ "%5", "%5" },      { "%l", "%l" },     { "%-08.3q|", "%-08.3q|" },
		{ "%f %d", "%f 7" }, { "%hhh", "%hhh" },
	};
	char text[32];

	for (size_t i = 0; i < COUNT(cases); i++) {
		format_string(text, sizeof(text), cases[i].format, 7);
		CHECK_STRING(text, cases[i].text);
	}
}

TEST(huge_width_is_counted)
{
	char text[8];

	CHECK_EQ(format_string(text, sizeof(text), "%1000d", 5), 1000);
	CHECK_STRING(text, "       ");
	CHECK_EQ(format_string(text, sizeof(text), "%.1000d", 5), 1000);
	CHECK_STRING(text, "0000000");
}
