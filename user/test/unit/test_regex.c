// SPDX-License-Identifier: MIT
/*
 * grep's regular expressions against the host's regexec(): given cases, then
 * random patterns on random lines; and patterns that make backtracking engines
 * take for ever.
 */
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

// As in user/bin/grep/regex.h; the host's names are taken.
enum { BASIC, EXTENDED, FIXED };
enum { IGNORE_CASE = 1, WHOLE_LINE = 2 };
struct regex;
struct regex *lib_regex_compile(const char *pattern, size_t length, int kind, unsigned int flags,
				const char **error);
bool lib_regex_match(struct regex *re, const char *line, size_t length);
void lib_regex_free(struct regex *re);

static void
compare(const char *pattern, int kind, bool ignore_case, const char *const *lines, int count)
{
	int flags =
		REG_NOSUB | (kind == EXTENDED ? REG_EXTENDED : 0) | (ignore_case ? REG_ICASE : 0);
	const char *error;
	struct regex *ours = lib_regex_compile(pattern, strlen(pattern), kind,
					       ignore_case ? IGNORE_CASE : 0, &error);
	regex_t theirs;
	int failed = regcomp(&theirs, pattern, flags);

	unit_checks++;
	if ((ours == NULL) != (failed != 0)) {
		unit_fail(__FILE__, __LINE__, "pattern '%s': ours %s, the host's %s", pattern,
			  ours == NULL ? error : "compiles", failed ? "fails" : "compiles");
		return;
	}
	if (ours == NULL)
		return;
	for (int i = 0; i < count; i++) {
		bool got = lib_regex_match(ours, lines[i], strlen(lines[i]));
		bool want = regexec(&theirs, lines[i], 0, NULL, 0) == 0;

		unit_checks++;
		if (got != want)
			unit_fail(__FILE__, __LINE__,
				  "pattern '%s' (kind %d), line '%s': %d, not %d", pattern, kind,
				  lines[i], got, want);
	}
	lib_regex_free(ours);
	regfree(&theirs);
}

static void
test_given(void)
{
	static const char *const lines[] = { "",    "a",   "b",    "ab",      "ba",  "aab", "abab",
					     "abc", "aXb", "a*b",  "a.b",     "^a",  "a$",  "a+b",
					     "(a)", "a|b", "a{2}", "aaa",     "x-y", "]",   "a]b",
					     "\\",  "*",   "**a",  "foo_1 b", "A b", "9" };
	static const char *const basic[] = {
		"",
		"a",
		"ab",
		"a.b",
		"a*",
		"^a",
		"a$",
		"^a$",
		"^$",
		"a\\.b",
		"[ab]",
		"[^ab]",
		"[]a]",
		"[^]a]",
		"[a-c]x*",
		"[a-]",
		"*",
		"*a",
		"^*a",
		"\\(*a\\)",
		"a\\{2\\}",
		"a\\{1,2\\}b",
		"a\\{2,\\}",
		"a\\{0\\}b",
		"\\(ab\\)*c",
		"\\(a\\|b\\)b",
		"a\\|^b",
		"a\\+b",
		"a\\?b",
		"[[:digit:]]",
		"[[:upper:][:space:]]",
		"\\w",
		"\\W",
		"\\s",
		"\\S\\S",
		"a\\*b",
		"\\\\",
		"a^b",
		"a$b",
		"\\(^a\\)",
		"\\(a$\\)",
		"a+b",
		"a|b",
		"(a)",
		"a{2}",
		"[a",
		"\\(a",
		"a\\)",
		"a\\{1",
		"a\\{2,1\\}",
		"[b-a]",
		"a\\",
		"[[:foo:]]",
		".*b.*a",
		"\\(\\(a*\\)*\\)*b",
		"x*",
	};
	static const char *const extended[] = {
		"a|b",      "(a|b)b",         "a+b",      "a?b",      "a{2}",
		"a{1,2}b",  "a{2,}",          "a{0}b",    "(ab)*c",   "(ab)+",
		"^(a|b)$",  "^a|b$",          "a||b",     "()a",      "(a",
		"[a",       "a{2,1}",         "(|a)b",    "((a))",    "(a*)+b",
		"(a+|b)*c", "\\(a\\)",        "a\\|b",    "a\\+b",    "[[:alpha:]]+_[0-9]",
		"(^a)",     "(a$)",           "a\\{2\\}", "\\w+ \\w", "^^a",
		"a$$",      "(a|ab)(c|bcd)*",
	};
	enum { LINES = sizeof(lines) / sizeof(lines[0]) };

	for (size_t i = 0; i < sizeof(basic) / sizeof(basic[0]); i++) {
		compare(basic[i], BASIC, false, lines, LINES);
		compare(basic[i], BASIC, true, lines, LINES);
	}
	for (size_t i = 0; i < sizeof(extended) / sizeof(extended[0]); i++) {
		compare(extended[i], EXTENDED, false, lines, LINES);
		compare(extended[i], EXTENDED, true, lines, LINES);
	}
}

/*
 * A random expression by its grammar, so that it means the same to everybody.
 */
static void
generate(char *text, bool extended, int depth)
{
	int pieces = 1 + (int)unit_below(3);

	for (int i = 0; i < pieces; i++) {
		static const char *const atoms[] = { "a", "b", ".", "[ab]", "[^a]", "c", "A" };
		static const char *const repeats[] = { "",  "",    "",      "*",     "+",
						       "?", "{2}", "{1,2}", "{0,1}", "{2,}" };
		const char *repeat = repeats[unit_below(10)];

		if (depth > 0 && unit_below(3) == 0) {
			strcat(text, extended ? "(" : "\\(");
			generate(text, extended, depth - 1);
			if (unit_below(2) == 0) {
				strcat(text, extended ? "|" : "\\|");
				generate(text, extended, depth - 1);
			}
			strcat(text, extended ? ")" : "\\)");
		} else {
			strcat(text, atoms[unit_below(7)]);
		}
		for (; *repeat != '\0'; repeat++) {
			if (!extended && strchr("+?{}", *repeat) != NULL)
				strcat(text, "\\");
			strncat(text, repeat, 1);
		}
	}
}

static void
test_random(void)
{
	for (int i = 0; i < 3000; i++) {
		char pattern[8192] = "", texts[20][16];
		const char *lines[20];
		bool extended = i % 2 == 0;

		if (unit_below(4) == 0)
			strcat(pattern, "^");
		generate(pattern, extended, 2);
		if (unit_below(4) == 0)
			strcat(pattern, "$");
		for (int l = 0; l < 20; l++) {
			size_t length = unit_below(12);

			for (size_t c = 0; c < length; c++)
				texts[l][c] = "abcA"[unit_below(4)];
			texts[l][length] = '\0';
			lines[l] = texts[l];
		}
		compare(pattern, extended ? EXTENDED : BASIC, unit_below(4) == 0, lines, 20);
	}
}

static bool
matches(const char *pattern, int kind, unsigned int flags, const char *line)
{
	const char *error;
	struct regex *re = lib_regex_compile(pattern, strlen(pattern), kind, flags, &error);
	bool result;

	if (re == NULL) {
		unit_fail(__FILE__, __LINE__, "'%s': %s", pattern, error);
		return false;
	}
	result = lib_regex_match(re, line, strlen(line));
	lib_regex_free(re);
	return result;
}

static void
test_own(void)
{
	static char line[20001];
	const char *error = NULL;

	CHECK(matches("a.b", FIXED, 0, "xa.b"));
	CHECK(!matches("a.b", FIXED, 0, "axb"));
	CHECK(matches("A*", FIXED, IGNORE_CASE, "xa*y"));
	CHECK(matches("a|b", EXTENDED, WHOLE_LINE, "b"));
	CHECK(!matches("a|b", EXTENDED, WHOLE_LINE, "ab"));
	CHECK(matches("", FIXED, WHOLE_LINE, ""));
	// Exponential for who tries one way after the other.
	memset(line, 'a', sizeof(line) - 1);
	CHECK(!matches("(a*)*b", EXTENDED, 0, line));
	CHECK(!matches("(a|aa)*b", EXTENDED, 0, line));
	CHECK(!matches("(a?){30}a{30}b", EXTENDED, 0, line));
	CHECK(lib_regex_compile("(a{200}){200}{200}", 18, EXTENDED, 0, &error) == NULL);
	CHECK(error != NULL && strstr(error, "too large") != NULL);
	memset(line, '(', sizeof(line) - 1);
	CHECK(lib_regex_compile(line, sizeof(line) - 1, EXTENDED, 0, &error) == NULL);
	CHECK(error != NULL && strstr(error, "parentheses") != NULL);
}

int
main(void)
{
	test_given();
	test_random();
	test_own();
	return unit_end(50000);
}
