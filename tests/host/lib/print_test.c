// SPDX-License-Identifier: MIT
// Messages: levels, lines, the sink, the ring, limits, and in a panic.
// kernel: lib/print.c lib/format.c lib/log.c
// fakes: time.c
#include "lib/print.h"

#include <stdio.h>
#include <string.h>

#include "arch/hart.h"
#include "arch/sbi.h"
#include "arch/time.h"
#include "check.h"
#include "fakes/fake.h"
#include "lib/log.h"

static char console[8192];
static size_t console_length;
static char firmware[1024];
static size_t firmware_length;

struct sbi_result
sbi_call(uint64_t ext, uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3,
	 uint64_t a4)
{
	CHECK_EQ(ext, 1);
	CHECK_EQ(fid + a1 + a2 + a3 + a4, 0);
	firmware[firmware_length++] = (char)a0;
	return (struct sbi_result){ 0, 0 };
}

static void
sink(const char *bytes, size_t n)
{
	CHECK(!intr_enabled());
	CHECK(console_length + n < sizeof(console));
	memcpy(console + console_length, bytes, n);
	console_length += n;
	console[console_length] = '\0';
}

static const char *
log_text(void)
{
	static char text[256 * 1024];

	text[log_read(text, sizeof(text) - 1)] = '\0';
	return text;
}

TEST(to_console_and_ring)
{
	print_set_sink(sink);
	fake_time_set(UINT64_C(2500000000));
	print("hello %d", 7);
	CHECK_STRING(console, "hello 7\n");
	CHECK_STRING(log_text(), "<6>[2.500000] hello 7\n");
	CHECK(intr_enabled());
}

TEST(newline_at_the_end_is_optional)
{
	print_set_sink(sink);
	print("one\n");
	print("two");
	print("\nthree\n\nfour\n");
	print("%s", "");
	CHECK_STRING(console, "one\ntwo\n\nthree\n\nfour\n\n");
	fake_time_set(0);
	CHECK(strstr(log_text(), "] three\n<6>") != NULL);
}

TEST(levels)
{
	print_set_sink(sink);
	print_debug("d");
	print_warn("w");
	print_error("e");
	CHECK_STRING(console, "w\ne\n");
	print_set_console_level(PRINT_ERROR);
	print_warn("w");
	print("i");
	print_error("e2");
	CHECK_STRING(console, "w\ne\ne2\n");
	print_set_console_level(PRINT_DEBUG);
	print_debug("d2");
	CHECK_STRING(console, "w\ne\ne2\nd2\n");
	fake_time_set(0);
	CHECK(strstr(log_text(), "] d\n") != NULL);
	CHECK(strstr(log_text(), "] i\n") != NULL);
}

TEST(firmware_before_the_driver)
{
	print("early");
	print_set_sink(sink);
	print("late");
	CHECK_STRING(firmware, "early\n");
	CHECK_STRING(console, "late\n");
}

TEST(long_message_is_cut)
{
	print_set_sink(sink);
	print("%05000d", 1);
	CHECK(console_length > 900 && console_length < 1100);
	CHECK_EQ(console[console_length - 1], '\n');
}

static void
printing_sink(const char *bytes, size_t n)
{
	print("inside");
	sink(bytes, n);
}

// A message from inside the sink can't be had; the next one says how many.
TEST(print_inside_the_sink)
{
	print_set_sink(printing_sink);
	print("one");
	print_set_sink(sink);
	print("two");
	CHECK(strncmp(console, "one\n", 4) == 0);
	CHECK(strstr(console, "2 messages from inside the console are lost\ntwo\n") != NULL);
	CHECK(intr_enabled());
}

static void
limited(int i)
{
	print_limited(PRINT_INFO, "again %d", i);
}

TEST(one_a_second)
{
	print_set_sink(sink);
	fake_time_set(0); // the first is allowed at any time
	for (int i = 0; i < 5; i++)
		limited(i);
	CHECK_STRING(console, "again 0\n");
	fake_time_advance(NS_PER_SEC / 2);
	limited(5);
	CHECK_STRING(console, "again 0\n");
	fake_time_advance(NS_PER_SEC);
	limited(6);
	CHECK_STRING(console, "again 0\n(5 messages like the next one were left out)\nagain 6\n");
	fake_time_advance(2 * NS_PER_SEC);
	limited(7);
	CHECK(strstr(console, "again 6\nagain 7\n") != NULL);
}

// In a panic nobody else gets a word in, and the one who panics waits for
// nothing, even if it was printing.
static void
panicking_sink(const char *bytes, size_t n)
{
	sink(bytes, n);
	if (bytes[0] == '\n')
		return;
	print_set_sink(sink);
	print_enter_panic();
	print_error("panic");
}

TEST(panic_while_printing)
{
	static struct arch_thread other;

	print_set_sink(panicking_sink);
	intr_off();
	print("%s", "message");
	CHECK_STRING(console, "messagepanic\n\n");
	fake_set_current(&other);
	print_error("from another hart");
	CHECK_STRING(console, "messagepanic\n\n");
	CHECK_EQ(log_read(console, sizeof(console)), 0);
}

TEST(second_panic_gives_up_the_sink)
{
	print_set_sink(sink);
	intr_off();
	print_enter_panic();
	print_error("first");
	print_enter_panic();
	print_error("second");
	CHECK_STRING(console, "first\n");
	CHECK_STRING(firmware, "second\n");
}
