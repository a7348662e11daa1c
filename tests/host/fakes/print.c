// SPDX-License-Identifier: MIT
#include "lib/print.h"

#include <stdio.h>

#include "fakes/fake.h"

static char text[1 << 20];
static size_t length;

void
print_va(enum print_level level, const char *format, va_list args)
{
	char message[1024];

	vsnprintf(message, sizeof(message), format, args);
	length += (size_t)snprintf(text + length, sizeof(text) - length, "%d: %s\n", (int)level,
				   message);
	CHECK(length < sizeof(text));
}

void
print_at(enum print_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_va(level, format, args);
	va_end(args);
}

bool
print_allowed(struct print_limit *limit)
{
	(void)limit;
	return true;
}

void
print_set_console_level(enum print_level level)
{
	(void)level;
}

void
print_set_sink(void (*sink)(const char *bytes, size_t n))
{
	(void)sink;
}

void
print_enter_panic(void)
{
}

int
format_string_va(char *to, size_t size, const char *format, va_list args)
{
	return vsnprintf(to, size, format, args);
}

int
format_string(char *to, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(to, size, format, args);
	va_end(args);
	return n;
}

const char *
fake_print_text(void)
{
	return text;
}

void
fake_print_clear(void)
{
	length = 0;
	text[0] = '\0';
}
