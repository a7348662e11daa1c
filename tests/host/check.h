// SPDX-License-Identifier: MIT
/*
 * Host unit tests: named tests and checks.
 *
 *	TEST(what_it_shows)
 *	{
 *		CHECK_EQ(list_length(&l), 3);
 *	}
 *
 * The program is run with the name of one test; a check that fails prints what
 * it saw and ends it with status 1.  Sanitizers end it as well.  Includes
 * nothing of the C library, whose names the kernel's headers have too.
 */
#pragma once

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct check_test {
	const char *name;
	void (*run)(void);
	struct check_test *next;
};

void check_register(struct check_test *t);
_Noreturn void check_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void check_equal(const char *file, int line, const char *what, uint64_t got, uint64_t expected);
void check_string(const char *file, int line, const char *what, const char *got,
		  const char *expected);

#define TEST(test_name)                                                     \
	static void test_##test_name(void);                                 \
	static struct check_test test_entry_##test_name = {                 \
		.name = #test_name,                                         \
		.run = test_##test_name,                                    \
	};                                                                  \
	__attribute__((constructor)) static void register_##test_name(void) \
	{                                                                   \
		check_register(&test_entry_##test_name);                    \
	}                                                                   \
	static void test_##test_name(void)

#define CHECK(condition)                                                  \
	do {                                                              \
		if (!(condition))                                         \
			check_fail(__FILE__, __LINE__, "%s", #condition); \
	} while (0)

// Integers or pointers; both values are shown.
#define CHECK_EQ(got, expected)                                                            \
	check_equal(__FILE__, __LINE__, #got " == " #expected, (uint64_t)(uintptr_t)(got), \
		    (uint64_t)(uintptr_t)(expected))

#define CHECK_STRING(got, expected) check_string(__FILE__, __LINE__, #got, (got), (expected))

// The statement must panic with a message that contains text.  The rest of the
// statement is left by a long jump.
#define CHECK_PANIC(text, statement)                                             \
	do {                                                                     \
		check_panic_text = (text);                                       \
		if (setjmp(check_panic_jump) == 0) {                             \
			statement;                                               \
			check_fail(__FILE__, __LINE__, "no panic: " #statement); \
		}                                                                \
	} while (0)

extern jmp_buf check_panic_jump;
extern const char *check_panic_text; // NULL: none is expected
// What panic() does here: jump back to CHECK_PANIC, or fail.
_Noreturn void check_panicked(const char *message);
