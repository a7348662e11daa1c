// SPDX-License-Identifier: MIT
/*
 * The line discipline: what a terminal makes of the characters that come in and
 * go out (POSIX.1-2017, chapter 11, "General Terminal Interface").
 *
 * A state machine without locks, devices or processes: it takes a byte, changes
 * its buffer, and tells by callbacks what to echo and which signal to send.
 * proc/tty.c gives it those; a unit test gives it others.
 */
#pragma once

#include "abi/termios.h"
#include "arch/types.h"
#include "lib/bitmap.h"

#define LDISC_SIZE 4096 // bytes of input that wait to be read; a power of two

struct ldisc_ops {
	// Append to what goes out; all or nothing.  False: no room.
	bool (*put)(void *arg, const char *bytes, size_t n);
	// A character that means a signal has come.
	void (*signal)(void *arg, int sig);
	// Output stops and goes on (^S, ^Q).
	void (*flow)(void *arg, bool stopped);
};

/*
 * All of it belongs to the lock of the terminal.  Counts are free-running;
 * the place in the buffer is the count modulo its size.
 */
struct ldisc {
	const struct ldisc_ops *ops;
	void *arg;
	struct termios termios;
	uint8_t input[LDISC_SIZE];
	uint64_t ends[BITMAP_WORDS(LDISC_SIZE)]; // this byte ends a line
	uint32_t head;                           // bytes that came in
	uint32_t line;                           // where the line that is being typed begins
	uint32_t tail;                           // bytes that were read
	uint32_t lines;                          // whole lines between tail and line
	bool literal;                            // the next byte has no meaning (VLNEXT)
	bool stopped;                            // output is (VSTOP)
	uint32_t column;                         // of the cursor
	uint32_t line_column;                    // of the cursor where the typed line begins
	uint64_t lost;                           // input bytes that found no room
};

void ldisc_init(struct ldisc *d, const struct ldisc_ops *ops, void *arg);

// A byte has come from the device.
void ldisc_input(struct ldisc *d, uint8_t byte);

// Take up to n bytes for a reader: in canonical mode at most one line, without
// the character that ended the file.  Returns how many; *end: a read that got
// these bytes must not wait for more (the line is over).
size_t ldisc_read(struct ldisc *d, char *to, size_t n, bool *end);

// Bytes that can be read now; in canonical mode, of whole lines only.  And
// whether a read in canonical mode would return at once (there is a line, or
// an end of file).
size_t ldisc_available(const struct ldisc *d);
bool ldisc_has_line(const struct ldisc *d);

// Forget what was typed and not read.
void ldisc_flush(struct ldisc *d);

// New settings.  What waits is read by the new ones.
void ldisc_set(struct ldisc *d, const struct termios *t);

// Expand one byte of a program's output into to, at least LDISC_EXPAND_MAX
// bytes.  Returns how many it became.  The column follows when they are sent:
// ldisc_sent().
#define LDISC_EXPAND_MAX 8
size_t ldisc_expand(const struct ldisc *d, uint8_t byte, char *to);
void ldisc_sent(struct ldisc *d, const char *bytes, size_t n);
