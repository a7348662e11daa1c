// SPDX-License-Identifier: MIT
/*
 * The line discipline (proc/ldisc.h).
 *
 *   tail ......... line ......... head
 *    whole lines,   being typed:
 *    to be read     may be edited
 *
 *   1. Editing never goes back beyond `line`.
 *   2. A byte that ends a line is marked in `ends`; that of an end of file (^D)
 *      is marked and is a NUL, which a read swallows.
 *   3. In canonical mode the last place of the buffer is kept for the byte that
 *      ends a line: a line that is too long is cut, never stuck.
 *   4. What finds no room is counted and, if IMAXBEL is set, rings the bell.
 *   5. Not canonical, what comes in may be read at once: line == head.
 *
 * Erasing goes by columns: the width of what is erased is the cursor's column
 * less the column at which the line ends without it.  So tabs, ^X and letters
 * of several bytes need no case of their own.
 */
#include "proc/ldisc.h"

#include "abi/signal.h"
#include "lib/string.h"

#define DISABLED 0 // a control character that is none (_POSIX_VDISABLE)
#define DEL      0x7f
#define TAB_STOP 8

static uint32_t
slot(uint32_t count)
{
	return count % LDISC_SIZE;
}

static bool
flag(tcflag_t flags, tcflag_t which)
{
	return (flags & which) != 0;
}

static bool
is_control(const struct ldisc *d, uint8_t byte, unsigned which)
{
	return d->termios.c_cc[which] != DISABLED && d->termios.c_cc[which] == byte;
}

void
ldisc_init(struct ldisc *d, const struct ldisc_ops *ops, void *arg)
{
	memset(d, 0, sizeof *d);
	d->ops = ops;
	d->arg = arg;
	d->termios = (struct termios){
		.c_iflag = ICRNL | IXON | IMAXBEL | IUTF8,
		.c_oflag = OPOST | ONLCR,
		.c_cflag = B115200 | CS8 | CREAD | HUPCL | CLOCAL,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
		.c_cc = {
			[VINTR] = 'C' & 0x1f,
			[VQUIT] = '\\' & 0x1f,
			[VERASE] = DEL,
			[VKILL] = 'U' & 0x1f,
			[VEOF] = 'D' & 0x1f,
			[VMIN] = 1,
			[VSTART] = 'Q' & 0x1f,
			[VSTOP] = 'S' & 0x1f,
			[VSUSP] = 'Z' & 0x1f,
			[VREPRINT] = 'R' & 0x1f,
			[VWERASE] = 'W' & 0x1f,
			[VLNEXT] = 'V' & 0x1f,
		},
	};
}

// ---- Columns -----------------------------------------------------------------

static bool
is_continuation(const struct ldisc *d, uint8_t byte)
{
	return flag(d->termios.c_iflag, IUTF8) && (byte & 0xc0) == 0x80;
}

// The column after byte has been sent at column.
static uint32_t
advance(const struct ldisc *d, uint32_t column, uint8_t byte)
{
	switch (byte) {
	case '\r':
	case '\n':
		return 0;
	case '\b':
		return column > 0 ? column - 1 : 0;
	case '\t':
		return (column / TAB_STOP + 1) * TAB_STOP;
	default:
		return byte < ' ' || byte == DEL || is_continuation(d, byte) ? column : column + 1;
	}
}

void
ldisc_sent(struct ldisc *d, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		d->column = advance(d, d->column, (uint8_t)bytes[i]);
}

static bool
shows_as_caret(const struct ldisc *d, uint8_t byte)
{
	return flag(d->termios.c_lflag, ECHOCTL) && (byte < ' ' || byte == DEL) && byte != '\t' &&
	       byte != '\n';
}

// The column after byte has been echoed at column.
static uint32_t
advance_echo(const struct ldisc *d, uint32_t column, uint8_t byte)
{
	return shows_as_caret(d, byte) ? column + 2 : advance(d, column, byte);
}

// The column at which the line that is typed ends.
static uint32_t
line_end_column(const struct ldisc *d)
{
	uint32_t column = d->line_column;

	for (uint32_t i = d->line; i != d->head; i++)
		column = advance_echo(d, column, d->input[slot(i)]);
	return column;
}

// ---- Output and echo ---------------------------------------------------------

size_t
ldisc_expand(const struct ldisc *d, uint8_t byte, char *to)
{
	tcflag_t o = d->termios.c_oflag;
	size_t n = 0;

	if (!flag(o, OPOST)) {
		to[n++] = (char)byte;
	} else if (byte == '\n' && flag(o, ONLCR)) {
		to[n++] = '\r';
		to[n++] = '\n';
	} else if (byte == '\r' && flag(o, OCRNL)) {
		to[n++] = '\n';
	} else if (byte == '\r' && flag(o, ONOCR) && d->column == 0) {
		return 0;
	} else if (byte == '\t' && (o & TABDLY) == XTABS) {
		for (uint32_t c = d->column; n == 0 || (c + n) % TAB_STOP != 0;)
			to[n++] = ' ';
	} else {
		to[n++] = (char)byte;
	}
	return n;
}

// Send one byte by the rules of output.  An echo that finds no room is not
// shown; nothing waits for it.
static void
echo_raw(struct ldisc *d, uint8_t byte)
{
	char bytes[LDISC_EXPAND_MAX];
	size_t n = ldisc_expand(d, byte, bytes);

	if (n > 0 && d->ops->put(d->arg, bytes, n))
		ldisc_sent(d, bytes, n);
}

static void
echo_byte(struct ldisc *d, uint8_t byte)
{
	if (shows_as_caret(d, byte)) {
		echo_raw(d, '^');
		echo_raw(d, byte ^ 0x40);
	} else {
		echo_raw(d, byte);
	}
}

static void
echo(struct ldisc *d, uint8_t byte)
{
	tcflag_t l = d->termios.c_lflag;

	if (flag(l, ECHO) || (byte == '\n' && flag(l, ECHONL) && flag(l, ICANON)))
		echo_byte(d, byte);
}

static void
bell(struct ldisc *d)
{
	d->lost++;
	if (flag(d->termios.c_iflag, IMAXBEL))
		echo_raw(d, '\a');
}

// ---- Editing -----------------------------------------------------------------

// Blank out what was shown after column.
static void
erase_to(struct ldisc *d, uint32_t column)
{
	// The column stays where it is if nothing can be sent: count instead.
	for (uint32_t n = d->column > column ? d->column - column : 0; n > 0; n--) {
		echo_raw(d, '\b');
		echo_raw(d, ' ');
		echo_raw(d, '\b');
	}
}

// Take the last letter off the line.  False if there is none.
static bool
drop_letter(struct ldisc *d)
{
	if (d->head == d->line)
		return false;
	do
		d->head--;
	while (d->head != d->line && is_continuation(d, d->input[slot(d->head)]));
	return true;
}

// What was typed has become shorter by key: show it, or the key itself on a
// terminal that can't erase.
static void
show_erased(struct ldisc *d, uint8_t key)
{
	tcflag_t l = d->termios.c_lflag;

	if (!flag(l, ECHO))
		return;
	if (flag(l, ECHOE))
		erase_to(d, line_end_column(d));
	else
		echo_byte(d, key);
}

static void
erase_letter(struct ldisc *d, uint8_t key)
{
	if (drop_letter(d))
		show_erased(d, key);
}

static bool
is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t';
}

static void
erase_word(struct ldisc *d, uint8_t key)
{
	bool word = false;

	while (d->head != d->line) {
		bool blank = is_blank(d->input[slot(d->head - 1)]);
		if (word && blank)
			break;
		word = word || !blank;
		drop_letter(d);
	}
	show_erased(d, key);
}

static void
kill_line(struct ldisc *d, uint8_t key)
{
	tcflag_t l = d->termios.c_lflag;

	d->head = d->line;
	if (!flag(l, ECHO))
		return;
	if (flag(l, ECHOKE) && flag(l, ECHOE)) {
		erase_to(d, d->line_column);
		return;
	}
	echo_byte(d, key);
	if (flag(l, ECHOK))
		echo_raw(d, '\n');
	d->line_column = d->column;
}

static void
reprint(struct ldisc *d, uint8_t key)
{
	if (!flag(d->termios.c_lflag, ECHO))
		return;
	echo_byte(d, key);
	echo_raw(d, '\n');
	d->line_column = d->column;
	for (uint32_t i = d->line; i != d->head; i++)
		echo_byte(d, d->input[slot(i)]);
}

// ---- The buffer --------------------------------------------------------------

static uint32_t
room(const struct ldisc *d)
{
	return LDISC_SIZE - (d->head - d->tail);
}

static void
append(struct ldisc *d, uint8_t byte)
{
	uint32_t at = slot(d->head++);

	d->input[at] = byte;
	bitmap_clear(d->ends, at);
}

// byte ends the line that is typed.
static void
end_line(struct ldisc *d, uint8_t byte)
{
	if (room(d) == 0) {
		bell(d);
		return;
	}
	append(d, byte);
	bitmap_set(d->ends, slot(d->head - 1));
	d->line = d->head;
	d->lines++;
	d->line_column = d->column;
}

static void
add_to_line(struct ldisc *d, uint8_t byte)
{
	if (room(d) <= 1) {
		bell(d);
		return;
	}
	if (d->head == d->line)
		d->line_column = d->column;
	append(d, byte);
	echo(d, byte);
}

static void
add_raw(struct ldisc *d, uint8_t byte)
{
	if (room(d) == 0) {
		bell(d);
		return;
	}
	append(d, byte);
	d->line = d->head;
	echo(d, byte);
}

void
ldisc_flush(struct ldisc *d)
{
	d->tail = d->line = d->head;
	d->lines = 0;
}

// ---- Input -------------------------------------------------------------------

// A byte of flow control: true if it was one.
static bool
input_flow(struct ldisc *d, uint8_t byte)
{
	tcflag_t i = d->termios.c_iflag;
	bool stop = is_control(d, byte, VSTOP);
	bool start = is_control(d, byte, VSTART);

	if (!flag(i, IXON))
		return false;
	bool stopped = d->stopped;
	if (start || (stopped && flag(i, IXANY)))
		d->stopped = false;
	else if (stop)
		d->stopped = true;
	if (d->stopped != stopped)
		d->ops->flow(d->arg, d->stopped);
	return stop || start;
}

static int
signal_of(const struct ldisc *d, uint8_t byte)
{
	if (!flag(d->termios.c_lflag, ISIG))
		return 0;
	if (is_control(d, byte, VINTR))
		return SIGINT;
	if (is_control(d, byte, VQUIT))
		return SIGQUIT;
	return is_control(d, byte, VSUSP) ? SIGTSTP : 0;
}

static void
input_signal(struct ldisc *d, uint8_t byte, int sig)
{
	if (!flag(d->termios.c_lflag, NOFLSH))
		ldisc_flush(d);
	if (d->stopped) {
		d->stopped = false;
		d->ops->flow(d->arg, false);
	}
	echo(d, byte);
	d->line_column = d->column;
	d->ops->signal(d->arg, sig);
}

static void
input_canonical(struct ldisc *d, uint8_t byte)
{
	bool extended = flag(d->termios.c_lflag, IEXTEN);

	if (is_control(d, byte, VERASE)) {
		erase_letter(d, byte);
	} else if (is_control(d, byte, VKILL)) {
		kill_line(d, byte);
	} else if (extended && is_control(d, byte, VWERASE)) {
		erase_word(d, byte);
	} else if (extended && is_control(d, byte, VREPRINT)) {
		reprint(d, byte);
	} else if (is_control(d, byte, VEOF)) {
		end_line(d, '\0');
	} else if (byte == '\n' || is_control(d, byte, VEOL) ||
		   (extended && is_control(d, byte, VEOL2))) {
		if (room(d) > 0)
			echo(d, byte);
		end_line(d, byte);
	} else {
		add_to_line(d, byte);
	}
}

static bool
translate(const struct ldisc *d, uint8_t *byte)
{
	tcflag_t i = d->termios.c_iflag;

	if (flag(i, ISTRIP))
		*byte &= 0x7f;
	if (*byte == '\r') {
		if (flag(i, IGNCR))
			return false;
		if (flag(i, ICRNL))
			*byte = '\n';
	} else if (*byte == '\n' && flag(i, INLCR)) {
		*byte = '\r';
	}
	return true;
}

void
ldisc_input(struct ldisc *d, uint8_t byte)
{
	bool canonical = flag(d->termios.c_lflag, ICANON);

	if (d->literal) {
		d->literal = false;
		if (canonical)
			add_to_line(d, byte);
		else
			add_raw(d, byte);
		return;
	}
	if (!translate(d, &byte) || input_flow(d, byte))
		return;
	int sig = signal_of(d, byte);
	if (sig != 0)
		input_signal(d, byte, sig);
	else if (flag(d->termios.c_lflag, IEXTEN) && canonical && is_control(d, byte, VLNEXT))
		d->literal = true;
	else if (canonical)
		input_canonical(d, byte);
	else
		add_raw(d, byte);
}

// ---- Reading -----------------------------------------------------------------

bool
ldisc_has_line(const struct ldisc *d)
{
	return d->lines > 0;
}

size_t
ldisc_available(const struct ldisc *d)
{
	return (flag(d->termios.c_lflag, ICANON) ? d->line : d->head) - d->tail;
}

// One byte of a whole line.  Returns whether it ends the line; *n counts it
// unless it is an end of file.
static bool
take_byte(struct ldisc *d, char *to, size_t *n)
{
	uint32_t at = slot(d->tail++);
	bool end = bitmap_test(d->ends, at);

	if (end)
		d->lines--;
	if (!end || d->input[at] != '\0')
		to[(*n)++] = (char)d->input[at];
	return end;
}

size_t
ldisc_read(struct ldisc *d, char *to, size_t n, bool *end)
{
	bool canonical = flag(d->termios.c_lflag, ICANON);
	uint32_t limit = canonical ? d->line : d->head;
	size_t done = 0;

	*end = false;
	while (done < n && d->tail != limit && !*end)
		*end = take_byte(d, to, &done) && canonical;
	// An end of file right after the last byte that fits belongs to this
	// read, or the next one would see an empty file.
	if (canonical && !*end && done > 0 && d->tail != limit &&
	    bitmap_test(d->ends, slot(d->tail)) && d->input[slot(d->tail)] == '\0')
		*end = take_byte(d, to, &done);
	return done;
}

void
ldisc_set(struct ldisc *d, const struct termios *t)
{
	bool was = flag(d->termios.c_lflag, ICANON);
	bool is = flag(t->c_lflag, ICANON);

	d->termios = *t;
	if (is && !was) {
		// What was typed before counts as a line of its own.
		d->lines = 0;
		for (uint32_t i = d->tail; i != d->head; i++)
			bitmap_clear(d->ends, slot(i));
		if (d->head != d->tail) {
			bitmap_set(d->ends, slot(d->head - 1));
			d->lines = 1;
		}
	}
	if (is != was) {
		d->line = d->head;
		d->line_column = d->column;
		d->literal = false;
	}
	if (d->stopped && !flag(t->c_iflag, IXON)) {
		d->stopped = false;
		d->ops->flow(d->arg, false);
	}
}
