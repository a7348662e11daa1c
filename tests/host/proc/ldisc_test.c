// SPDX-License-Identifier: MIT
// kernel: proc/ldisc.c lib/random.c lib/bitmap.c
// fakes: lock.c
/*
 * The line discipline: what is read, what is shown, what is sent, after bytes
 * were typed.
 */
#include "abi/signal.h"
#include "check.h"
#include "fakes/fake.h"
#include "lib/random.h"
#include "lib/string.h"
#include "proc/ldisc.h"

#define CTRL(letter) ((letter)&0x1f)

static struct ldisc d;
static char shown[65536]; // what went out
static size_t shown_size;
static size_t shown_room; // what may
static uint64_t signals;
static int flow;

static bool
put(void *arg, const char *bytes, size_t n)
{
	(void)arg;
	if (shown_size + n > shown_room)
		return false;
	memcpy(shown + shown_size, bytes, n);
	shown_size += n;
	return true;
}

static void
note_signal(void *arg, int sig)
{
	(void)arg;
	signals |= UINT64_C(1) << sig;
}

static void
note_flow(void *arg, bool stopped)
{
	(void)arg;
	flow = stopped ? 1 : 2;
}

static const struct ldisc_ops ops = { put, note_signal, note_flow };

static void
begin(void)
{
	ldisc_init(&d, &ops, NULL);
	shown_size = 0;
	shown_room = sizeof shown - 1;
	signals = 0;
	flow = 0;
}

static void
begin_raw(uint8_t min)
{
	begin();
	struct termios t = d.termios;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	t.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
	t.c_cc[VMIN] = min;
	ldisc_set(&d, &t);
}

static void
type(const char *bytes)
{
	for (; *bytes != '\0'; bytes++)
		ldisc_input(&d, (uint8_t)*bytes);
}

// One read of up to n bytes, as a string.
static const char *
read_up_to(size_t n)
{
	static char text[LDISC_SIZE + 1];
	bool end;

	text[ldisc_read(&d, text, n, &end)] = '\0';
	return text;
}

static const char *
seen(void)
{
	shown[shown_size] = '\0';
	shown_size = 0;
	return shown;
}

// ---- Lines -------------------------------------------------------------------

TEST(a_line_is_read_when_it_is_whole)
{
	begin();
	type("ab");
	CHECK(!ldisc_has_line(&d));
	CHECK_EQ(ldisc_available(&d), 0);
	CHECK_STRING(read_up_to(100), "");
	type("c\r");
	CHECK(ldisc_has_line(&d));
	CHECK_EQ(ldisc_available(&d), 4);
	CHECK_STRING(seen(), "abc\r\n");
	CHECK_STRING(read_up_to(100), "abc\n");
	CHECK(!ldisc_has_line(&d));
}

TEST(a_read_gets_one_line)
{
	begin();
	type("one\ntwo\n");
	CHECK_STRING(read_up_to(100), "one\n");
	CHECK_STRING(read_up_to(100), "two\n");
	CHECK_STRING(read_up_to(100), "");
}

TEST(a_short_read_leaves_the_rest)
{
	bool end;
	char c[4];

	begin();
	type("abcdef\n");
	CHECK_EQ(ldisc_read(&d, c, 4, &end), 4);
	CHECK(!end);
	CHECK_STRING(read_up_to(2), "ef");
	CHECK(ldisc_has_line(&d));
	CHECK_STRING(read_up_to(2), "\n");
}

TEST(end_of_file)
{
	bool end = false;
	char c[8];

	begin();
	type("\x04");
	CHECK(ldisc_has_line(&d));
	CHECK_EQ(ldisc_read(&d, c, sizeof c, &end), 0);
	CHECK(end);
	CHECK_STRING(seen(), "");
	type("abc\x04");
	CHECK_STRING(read_up_to(100), "abc");
	CHECK(!ldisc_has_line(&d));
}

TEST(end_of_file_after_a_full_read_is_part_of_it)
{
	begin();
	type("abc\x04xyz\n");
	CHECK_STRING(read_up_to(3), "abc");
	CHECK_STRING(read_up_to(100), "xyz\n");
}

TEST(other_ends_of_lines)
{
	begin();
	d.termios.c_cc[VEOL] = ';';
	type("ab;cd\n");
	CHECK_STRING(read_up_to(100), "ab;");
	CHECK_STRING(read_up_to(100), "cd\n");
}

// ---- Editing -----------------------------------------------------------------

TEST(erase_takes_back_a_letter)
{
	begin();
	type("abx\x7f");
	CHECK_STRING(seen(), "abx\b \b");
	type("c\n");
	CHECK_STRING(read_up_to(100), "abc\n");
}

TEST(erase_stops_at_the_start_of_the_line)
{
	begin();
	type("x\n\x7f\x7fy\x7f\x7f\x7fz\n");
	CHECK_STRING(read_up_to(100), "x\n");
	CHECK_STRING(read_up_to(100), "z\n");
}

TEST(erase_of_a_letter_of_several_bytes)
{
	begin();
	type("a\xc3\xa4\x7f");
	CHECK_STRING(seen(), "a\xc3\xa4\b \b");
	type("\n");
	CHECK_STRING(read_up_to(100), "a\n");
	begin();
	d.termios.c_iflag &= ~(tcflag_t)IUTF8;
	type("a\xc3\xa4\x7f\n");
	CHECK_STRING(read_up_to(100), "a\xc3\n");
}

TEST(erase_of_a_tab_goes_back_to_where_it_began)
{
	begin();
	type("ab\t\x7f");
	CHECK_STRING(seen(), "ab\t\b \b\b \b\b \b\b \b\b \b\b \b");
	CHECK_EQ(d.column, 2);
}

TEST(erase_of_a_control_character_takes_two_columns)
{
	begin();
	type("\x01\x7f");
	CHECK_STRING(seen(), "^A\b \b\b \b");
	type("b\n");
	CHECK_STRING(read_up_to(100), "b\n");
}

TEST(erase_after_a_prompt)
{
	begin();
	ldisc_sent(&d, "name\t$ ", 7);
	type("\t\x7f");
	CHECK_EQ(d.column, 10);
	type("xy\x15");
	CHECK_EQ(d.column, 10);
}

TEST(word_erase)
{
	begin();
	type("one two  \x17");
	CHECK_STRING(seen(), "one two  \b \b\b \b\b \b\b \b\b \b");
	type("three\n");
	CHECK_STRING(read_up_to(100), "one three\n");
	type("\x17\n");
	CHECK_STRING(read_up_to(100), "\n");
}

TEST(kill_line)
{
	begin();
	type("abc\x15");
	CHECK_STRING(seen(), "abc\b \b\b \b\b \b");
	type("d\n");
	CHECK_STRING(read_up_to(100), "d\n");
	begin();
	d.termios.c_lflag &= ~(tcflag_t)ECHOKE;
	type("abc\x15");
	CHECK_STRING(seen(), "abc^U\r\n");
}

TEST(reprint)
{
	begin();
	type("ab\x01\x12");
	CHECK_STRING(seen(), "ab^A^R\r\nab^A");
	type("\n");
	CHECK_STRING(read_up_to(100), "ab\x01\n");
}

TEST(literal_next)
{
	begin();
	type("a\x16\x03\x16\x7f\x16\x04\n");
	CHECK_EQ(signals, 0);
	CHECK_STRING(read_up_to(100), "a\x03\x7f\x04\n");
}

// ---- Signals and flow --------------------------------------------------------

TEST(signals_are_sent_and_drop_the_input)
{
	begin();
	type("abc\x03");
	CHECK_EQ(signals, UINT64_C(1) << SIGINT);
	CHECK_STRING(seen(), "abc^C");
	type("\n");
	CHECK_STRING(read_up_to(100), "\n");
	type("whole\nhalf\x1c");
	CHECK_EQ(signals, UINT64_C(1) << SIGINT | UINT64_C(1) << SIGQUIT);
	CHECK(!ldisc_has_line(&d));
	type("\x1a");
	CHECK(signals & UINT64_C(1) << SIGTSTP);
}

TEST(signals_may_keep_the_input)
{
	begin();
	d.termios.c_lflag |= NOFLSH;
	type("whole\nhalf\x03 more\n");
	CHECK_STRING(read_up_to(100), "whole\n");
	CHECK_STRING(read_up_to(100), "half more\n");
}

TEST(stop_and_start)
{
	begin();
	type("\x13");
	CHECK_EQ(flow, 1);
	CHECK(d.stopped);
	type("\x13\x11");
	CHECK_EQ(flow, 2);
	CHECK(!d.stopped);
	type("a\n");
	CHECK_STRING(read_up_to(100), "a\n");
	type("\x13\x03"); // a signal starts it again
	CHECK(!d.stopped);
	d.termios.c_iflag |= IXANY;
	type("\x13x");
	CHECK(!d.stopped);
}

TEST(no_flow_control_without_ixon)
{
	begin();
	type("\x13");
	struct termios t = d.termios;
	t.c_iflag &= ~(tcflag_t)IXON;
	ldisc_set(&d, &t);
	CHECK(!d.stopped);
	type("\x13\n");
	CHECK_STRING(read_up_to(100), "\x13\n");
}

// ---- Translation -------------------------------------------------------------

TEST(input_translation)
{
	begin();
	d.termios.c_iflag = IGNCR;
	type("a\rb\n");
	CHECK_STRING(read_up_to(100), "ab\n");
	begin();
	d.termios.c_iflag = INLCR;
	d.termios.c_cc[VEOL] = '\r';
	type("a\n");
	CHECK_STRING(read_up_to(100), "a\r");
	begin();
	d.termios.c_iflag = ISTRIP;
	type("\xe1\n");
	CHECK_STRING(read_up_to(100), "a\n");
}

static const char *
expand(const char *text)
{
	static char out[256];
	size_t n = 0;

	for (; *text != '\0'; text++) {
		char bytes[LDISC_EXPAND_MAX];
		size_t m = ldisc_expand(&d, (uint8_t)*text, bytes);
		ldisc_sent(&d, bytes, m);
		memcpy(out + n, bytes, m);
		n += m;
	}
	out[n] = '\0';
	return out;
}

TEST(output_translation)
{
	begin();
	CHECK_STRING(expand("a\nb\tc"), "a\r\nb\tc");
	CHECK_EQ(d.column, 9);
	d.termios.c_oflag = OPOST | XTABS;
	CHECK_STRING(expand("\rabc\td"), "\rabc     d");
	d.termios.c_oflag = OPOST | OCRNL;
	CHECK_STRING(expand("a\rb"), "a\nb");
	d.termios.c_oflag = OPOST | ONOCR;
	CHECK_STRING(expand("\r\rx"), "\rx");
	d.termios.c_oflag = 0;
	CHECK_STRING(expand("\n\r"), "\n\r");
}

TEST(no_echo)
{
	begin();
	d.termios.c_lflag &= ~(tcflag_t)ECHO;
	type("secret\x7f\x15x\n");
	CHECK_STRING(seen(), "");
	CHECK_STRING(read_up_to(100), "x\n");
	d.termios.c_lflag |= ECHONL;
	type("y\n");
	CHECK_STRING(seen(), "\r\n");
}

// ---- Without lines -----------------------------------------------------------

TEST(raw_bytes_are_read_at_once)
{
	begin_raw(1);
	type("a\r\x03\x04\x7f");
	CHECK_EQ(ldisc_available(&d), 5);
	CHECK_EQ(signals, 0);
	CHECK_STRING(read_up_to(100), "a\r\x03\x04\x7f");
}

TEST(from_lines_to_raw_and_back)
{
	begin();
	struct termios lines = d.termios;
	type("whole\nhalf");
	struct termios raw = lines;
	raw.c_lflag &= ~(tcflag_t)ICANON;
	ldisc_set(&d, &raw);
	CHECK_EQ(ldisc_available(&d), 10);
	CHECK_STRING(read_up_to(8), "whole\nha");
	ldisc_set(&d, &lines);
	CHECK_STRING(read_up_to(100), "lf"); // what waits is a line of its own
	type("x\x7f\x7f\x7fy\n");
	CHECK_STRING(read_up_to(100), "y\n");
}

// ---- Limits ------------------------------------------------------------------

TEST(a_line_that_is_too_long_is_cut_not_stuck)
{
	begin();
	for (unsigned i = 0; i < LDISC_SIZE + 100; i++)
		type("x");
	CHECK_EQ(d.lost, 101);
	CHECK_EQ(shown_size, LDISC_SIZE - 1 + 101); // and a bell for each
	CHECK_EQ(shown[LDISC_SIZE - 1], '\a');
	type("\n");
	CHECK_EQ(strlen(read_up_to(LDISC_SIZE)), LDISC_SIZE);
	CHECK(!ldisc_has_line(&d));
	type("fine\n");
	CHECK_STRING(read_up_to(100), "fine\n");
}

TEST(lines_that_nobody_reads_are_counted)
{
	begin();
	for (unsigned i = 0; i < LDISC_SIZE; i++)
		type("y\n");
	CHECK_EQ(d.lost, LDISC_SIZE);
	for (unsigned i = 0; i < LDISC_SIZE / 2; i++)
		CHECK_STRING(read_up_to(100), "y\n");
	CHECK(!ldisc_has_line(&d));
}

TEST(echo_without_room_is_left_out)
{
	begin();
	shown_room = 3;
	type("abcdef\x7f\n");
	CHECK_STRING(seen(), "abc");
	CHECK_STRING(read_up_to(100), "abcde\n");
}

/*
 * Any bytes, any settings, any reads: what the counts say is what is there, a
 * read gives only what was typed, and each byte is read, edited away, dropped
 * by a signal, or counted as lost.
 */
TEST(any_input)
{
	static const char keys[] = "abc \t\n\r\x03\x04\x7f\x15\x17\x12\x16\x11\x13\x1a\xc3\xa4;";
	struct random r;
	char text[64];
	bool end;

	begin();
	random_init(&r, 3);
	for (unsigned i = 0; i < 400000; i++) {
		uint64_t what = random_next(&r);
		shown_size = 0;
		shown_room = what >> 32 & 7;
		if (what % 16 < 14)
			ldisc_input(&d, (uint8_t)keys[(what >> 8) % (sizeof keys - 1)]);
		else if (what % 16 == 14)
			ldisc_read(&d, text, (what >> 8) % sizeof text, &end);
		if (what % 4099 == 0) {
			struct termios t = d.termios;
			t.c_lflag ^= ICANON;
			t.c_cc[VEOL] = ';';
			ldisc_set(&d, &t);
		}
		CHECK(d.head - d.tail <= LDISC_SIZE);
		CHECK(d.line - d.tail <= d.head - d.tail);
		uint32_t ends = 0;
		for (uint32_t at = d.tail; at != d.line && i % 64 == 0; at++)
			ends += bitmap_test(d.ends, at % LDISC_SIZE);
		if (i % 64 == 0)
			CHECK_EQ(ends, d.lines);
		if (d.termios.c_lflag & ICANON && d.line != d.tail)
			CHECK(d.lines > 0);
	}
}
