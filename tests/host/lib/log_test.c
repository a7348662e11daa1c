// SPDX-License-Identifier: MIT
// The log ring, against a plain list of the lines that went in.
// kernel: lib/log.c lib/format.c
#include "lib/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "lib/plainlock_impl.h"
#include "lib/print.h"

struct arch_thread *plain_locks_breaker;

#define RING (64 * 1024)

static char out[4 * RING];

static const char *
read_all(void)
{
	size_t n = log_read(out, sizeof(out) - 1);

	CHECK_EQ(n, log_length());
	out[n] = '\0';
	return out;
}

static void
append(int level, uint64_t when, const char *text)
{
	log_append(level, when, text, strlen(text));
}

TEST(empty)
{
	CHECK_EQ(log_length(), 0);
	CHECK_EQ(log_read(out, sizeof(out)), 0);
}

TEST(line_format)
{
	append(PRINT_ERROR, 0, "bad");
	append(PRINT_WARNING, UINT64_C(1000), "odd");
	append(PRINT_INFO, UINT64_C(12345678901), "hello");
	append(PRINT_DEBUG, UINT64_MAX, "");
	CHECK_STRING(read_all(), "<3>[0.000000] bad\n"
				 "<4>[0.000001] odd\n"
				 "<6>[12.345678] hello\n"
				 "<7>[18446744073.709551] \n");
}

TEST(reading_takes_nothing_away)
{
	append(PRINT_INFO, 0, "one");
	read_all();
	CHECK_STRING(read_all(), "<6>[0.000000] one\n");
}

// A small buffer gets the newest whole lines.
TEST(small_buffer)
{
	append(PRINT_INFO, 0, "first");  // 20 bytes as a line
	append(PRINT_INFO, 0, "second"); // 21
	append(PRINT_INFO, 0, "third");  // 20
	static const struct {
		size_t size;
		const char *text;
	} cases[] = {
		{ 0, "" },
		{ 19, "" },
		{ 20, "<6>[0.000000] third\n" },
		{ 40, "<6>[0.000000] third\n" },
		{ 41, "<6>[0.000000] second\n<6>[0.000000] third\n" },
		{ 60, "<6>[0.000000] second\n<6>[0.000000] third\n" },
		{ 61, "<6>[0.000000] first\n<6>[0.000000] second\n<6>[0.000000] third\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *exact = malloc(cases[i].size + 1);
		size_t n = log_read(exact, cases[i].size);
		exact[n] = '\0';
		CHECK_STRING(exact, cases[i].text);
		free(exact);
	}
}

// After many wraps, with records of every length, what is left is a row of the
// newest messages, unharmed, that fills the ring.
TEST(wrap)
{
	char text[600];
	unsigned count = 0;

	for (int round = 0; round < 5000; round++, count++) {
		int n = snprintf(text, sizeof(text), "%u:", count);
		size_t length = (size_t)n + (size_t)(round * 37 % 500);
		memset(text + n, 'a' + count % 26, length - (size_t)n);
		log_append(PRINT_INFO, count * UINT64_C(1000), text, length);

		if (round % 97 != 0 && round != 4999)
			continue;
		unsigned lines = 0, first = 0;
		size_t bytes = 0;
		read_all();
		for (char *line = out; *line != '\0'; lines++) {
			char *end = strchr(line, '\n');
			unsigned us, number;
			int at;
			CHECK_EQ(sscanf(line, "<6>[0.%u] %u:%n", &us, &number, &at), 2);
			if (lines == 0)
				first = number;
			CHECK_EQ(number, first + lines);
			CHECK_EQ(us, number);
			for (char *c = line + at; c < end; c++)
				CHECK_EQ(*c, 'a' + number % 26);
			bytes += (size_t)(end - line);
			line = end + 1;
		}
		CHECK_EQ(first + lines, count + 1);
		if (first > 0)
			CHECK(bytes > RING - 1024);
	}
	CHECK(count > 4000);
}

TEST(huge_message_is_cut)
{
	char *text = malloc(2 * RING);

	memset(text, 'x', 2 * RING);
	append(PRINT_INFO, 0, "before");
	log_append(PRINT_INFO, 0, text, 2 * RING);
	append(PRINT_INFO, 0, "after");
	read_all();
	CHECK(strstr(out, "before") != NULL);
	CHECK(strstr(out, "after") != NULL);
	free(text);
}

TEST(interrupts_as_found)
{
	append(PRINT_INFO, 0, "one");
	read_all();
	CHECK(intr_enabled());
	intr_off();
	append(PRINT_INFO, 0, "two");
	read_all();
	CHECK(!intr_enabled());
}
