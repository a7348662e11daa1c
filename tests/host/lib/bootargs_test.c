// SPDX-License-Identifier: MIT
// The command line, also odd ones.
// kernel: lib/bootargs.c
// fakes: print.c
#include "lib/bootargs.h"

#include <string.h>

#include "check.h"
#include "fakes/fake.h"

static void
check_value(const char *line, const char *name, const char *expected)
{
	char value[64] = "#";

	bootargs_init(line);
	bool there = bootargs_string(name, value, sizeof(value));
	if (there != (expected != NULL))
		check_fail(__FILE__, __LINE__, "\"%s\": %s is %s", line, name,
			   there ? value : "absent");
	if (there)
		CHECK_STRING(value, expected);
}

TEST(values)
{
	check_value("a=1 b=two c", "a", "1");
	check_value("a=1 b=two c", "b", "two");
	check_value("a=1 b=two c", "c", "");
	check_value("a=1 b=two c", "d", NULL);
	check_value("a= b", "a", "");
	check_value("root=vda=x", "root", "vda=x");
	check_value("quiet", "quiet", "");
}

TEST(names_are_whole)
{
	check_value("paniced=1", "panic", NULL);
	check_value("nopanic=1", "panic", NULL);
	check_value("panicked panic=halt", "panic", "halt");
	check_value("a", "ab", NULL);
	check_value("x=panic", "panic", NULL);
	check_value("=1", "a", NULL);
}

TEST(odd_spaces)
{
	check_value("", "a", NULL);
	check_value("   ", "a", NULL);
	check_value("  a=1", "a", "1");
	check_value("a=1   ", "a", "1");
	check_value("\ta=1\t\tb=2\n", "b", "2");
	check_value("a = 1", "a", "");
}

TEST(last_one_counts)
{
	check_value("a=1 a=2", "a", "2");
	check_value("a=1 a", "a", "");
	check_value("a=1 b a=3 -- a=4", "a", "3");
}

TEST(nothing_after_dashes)
{
	check_value("a=1 -- b=2", "b", NULL);
	check_value("--", "--", NULL);
	check_value("a--b=1 --c=2 d", "d", "");
	check_value("--c=2", "--c", "2");
}

static void
check_init_args(const char *line, const char *expected)
{
	bootargs_init(line);
	CHECK_STRING(bootargs_init_args(), expected);
}

TEST(init_args)
{
	check_init_args("", "");
	check_init_args("a b", "");
	check_init_args("--", "");
	check_init_args("--  ", "");
	check_init_args("a -- /bin/sh -c 'x  y'", "/bin/sh -c 'x  y'");
	check_init_args("-- a -- b", "a -- b");
	check_init_args("--x -- y", "y");
}

TEST(cut_value)
{
	char value[4];

	bootargs_init("name=abcdef");
	CHECK(bootargs_string("name", value, sizeof(value)));
	CHECK_STRING(value, "abc");
	CHECK(bootargs_string("name", value, 1));
	CHECK_STRING(value, "");
	CHECK(bootargs_flag("name"));
	CHECK(!bootargs_flag("nam"));
}

TEST(numbers)
{
	bootargs_init("a=17 b=0x20 c=010 d=0");
	CHECK_EQ(bootargs_number("a", 1), 17);
	CHECK_EQ(bootargs_number("b", 1), 32);
	CHECK_EQ(bootargs_number("c", 1), 8);
	CHECK_EQ(bootargs_number("d", 1), 0);
	CHECK_EQ(bootargs_number("e", 99), 99);
	CHECK_STRING(fake_print_text(), "");
}

TEST(bad_numbers_are_said)
{
	static const char *const lines[] = {
		"n=x",
		"n",
		"n=",
		"n=1x",
		"n=-1",
		"n=99999999999999999999",
		"n=00000000000000000000000000000000000000000000000001",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		fake_print_clear();
		bootargs_init(lines[i]);
		CHECK_EQ(bootargs_number("n", 5), 5);
		CHECK(strstr(fake_print_text(), "n=") != NULL);
		CHECK(strstr(fake_print_text(), "no number") != NULL);
	}
}

TEST(long_line)
{
	static char line[6000];

	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "a=1 ", 4);
	bootargs_init(line);
	CHECK_EQ(bootargs_number("a", 0), 1);
	CHECK(strlen(bootargs_line()) < sizeof(line) - 1);
	CHECK(strncmp(bootargs_line(), line, strlen(bootargs_line())) == 0);
	CHECK(strstr(fake_print_text(), "cut") != NULL);
}

TEST(whole_line)
{
	bootargs_init("a=1  b -- c");
	CHECK_STRING(bootargs_line(), "a=1  b -- c");
}
