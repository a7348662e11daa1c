// SPDX-License-Identifier: MIT
#include "check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct check_test *tests;

jmp_buf check_panic_jump;
const char *check_panic_text;

void
check_register(struct check_test *t)
{
	t->next = tests;
	tests = t;
}

void
check_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	fflush(stderr);
	_Exit(1);
}

void
check_equal(const char *file, int line, const char *what, uint64_t got, uint64_t want)
{
	if (got != want)
		check_fail(file, line,
			   "%s\n  got      %" PRId64 " (%#" PRIx64 ")\n"
			   "  expected %" PRId64 " (%#" PRIx64 ")",
			   what, (int64_t)got, got, (int64_t)want, want);
}

void
check_string(const char *file, int line, const char *what, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		check_fail(file, line, "%s\n  got      \"%s\"\n  expected \"%s\"", what, got, want);
}

void
check_panicked(const char *message)
{
	const char *text = check_panic_text;

	check_panic_text = NULL;
	if (text == NULL)
		check_fail("panic", 0, "%s", message);
	if (strstr(message, text) == NULL)
		check_fail("panic", 0, "\"%s\", not with \"%s\" in it", message, text);
	longjmp(check_panic_jump, 1);
}

int
main(int argc, char **argv)
{
	for (struct check_test *t = tests; t != NULL; t = t->next) {
		if (argc == 2 && strcmp(t->name, argv[1]) == 0) {
			t->run();
			return 0;
		}
	}
	fprintf(stderr, "usage: %s TEST, one of:\n", argv[0]);
	for (struct check_test *t = tests; t != NULL; t = t->next)
		fprintf(stderr, "  %s\n", t->name);
	return 2;
}
