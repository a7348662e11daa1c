// SPDX-License-Identifier: MIT
/*
 * The terminal: between programs, the line discipline and the serial port.
 *
 *   program --write--> expand --> out ring --> port
 *                                    ^ echo
 *   program <--read--- ldisc buffer <-- ldisc <-- port's interrupt
 *
 *   1. The ring and the line discipline belong to tty->lock, a spinlock that
 *      the port's interrupt takes.  Nothing is copied from or to a program with
 *      it held.
 *   2. Signals that a character means are noted under the lock and sent after
 *      it is given back: sending takes proc_tree_lock, which comes before.
 *   3. A writer waits for room for a whole piece, then copies the piece from
 *      the program, then puts it in: so an interrupted write has written
 *      exactly what it says.  Echo leaves it that room.
 *   4. Input that finds no room is counted, rings the bell, and is said in the
 *      log at most once a second.
 */
#include "proc/tty.h"

#include "abi/errno.h"
#include "abi/signal.h"
#include "arch/time.h"
#include "lib/math.h"
#include "lib/print.h"
#include "lib/string.h"
#include "proc/proc.h"
#include "proc/tty_impl.h"
#include "sched/clock.h"
#include "vfs/chardev.h"
#include "vfs/serial.h"

#define PIECE          128 // bytes copied from or to a program at a time
#define PIECE_EXPANDED (PIECE * LDISC_EXPAND_MAX)

// Device numbers (Linux, Documentation/admin-guide/devices.txt).
#define CONSOLE_DEVICE 0x501 // major 5, minor 1
#define TTY_DEVICE     0x500

_Static_assert(PIECE_EXPANDED <= TTY_OUT_SIZE / 2, "a piece fits beside echo");

static struct lock_class tty_lock_class = LOCK_CLASS("terminal", RANK_TTY_QUEUE);
static struct lock_class tty_reader_class = LOCK_CLASS("terminal reader", RANK_TTY);
static struct lock_class tty_writer_class = LOCK_CLASS("terminal writer", RANK_TTY);

static struct tty console;

// ---- Output ------------------------------------------------------------------

static uint32_t
out_room(const struct tty *t)
{
	return TTY_OUT_SIZE - (t->out_head - t->out_tail);
}

static void
out_put(struct tty *t, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		t->out[t->out_head++ % TTY_OUT_SIZE] = bytes[i];
}

void
tty_pump(struct tty *t)
{
	assert_held(&t->lock);
	while (!t->ldisc.stopped && t->out_tail != t->out_head) {
		uint32_t at = t->out_tail % TTY_OUT_SIZE;
		size_t n = MIN(t->out_head - t->out_tail, TTY_OUT_SIZE - at);
		size_t taken = t->port->write(t->port, t->out + at, n);
		t->out_tail += (uint32_t)taken;
		if (taken < n)
			break;
	}
	if (out_room(t) >= PIECE_EXPANDED)
		wake_all(&t->writable);
}

int
tty_drain(struct tty *t)
{
	int error = 0;

	while (t->out_tail != t->out_head && error == 0)
		error = sleep_on(&t->writable, &t->lock, SLEEP_INTERRUPTIBLE, DEADLINE_NONE);
	return error;
}

// Wait for room for a piece and keep it.
static int
reserve_piece(struct tty *t, bool wait)
{
	int error = 0;

	spin_lock(&t->lock);
	while (out_room(t) < PIECE_EXPANDED && error == 0)
		error = wait ? sleep_on(&t->writable, &t->lock, SLEEP_INTERRUPTIBLE, DEADLINE_NONE)
			     : -EAGAIN;
	if (error == 0)
		t->out_reserved = PIECE_EXPANDED;
	spin_unlock(&t->lock);
	return error;
}

static void
put_piece(struct tty *t, const char *bytes, size_t n)
{
	char expanded[LDISC_EXPAND_MAX];

	spin_lock(&t->lock);
	t->out_reserved = 0;
	for (size_t i = 0; i < n; i++) {
		size_t count = ldisc_expand(&t->ldisc, (uint8_t)bytes[i], expanded);
		out_put(t, expanded, count);
		ldisc_sent(&t->ldisc, expanded, count);
	}
	tty_pump(t);
	spin_unlock(&t->lock);
}

static int
write_pieces(struct tty *t, struct uio *uio, bool wait)
{
	char piece[PIECE];

	while (uio->left > 0) {
		int error = reserve_piece(t, wait);
		if (error != 0)
			return error;
		uint64_t before = uio->left;
		error = uio_copy(uio, piece, MIN(uio->left, PIECE));
		put_piece(t, piece, before - uio->left);
		if (error != 0)
			return error;
	}
	return 0;
}

static int
tty_write(struct file *f, struct uio *uio)
{
	struct tty *t = f->data;

	if (t->ldisc.termios.c_lflag & TOSTOP) {
		int error = tty_check_job(t, SIGTTOU);
		if (error != 0)
			return error;
	}
	int error = mutex_lock_interruptible(&t->writer);
	if (error != 0)
		return error;
	error = write_pieces(t, uio, !(f->flags & O_NONBLOCK));
	mutex_unlock(&t->writer);
	return error;
}

// ---- Input -------------------------------------------------------------------

static bool
echo_put(void *arg, const char *bytes, size_t n)
{
	struct tty *t = arg;

	if (out_room(t) < t->out_reserved + n)
		return false;
	out_put(t, bytes, n);
	return true;
}

static void
note_signal(void *arg, int sig)
{
	struct tty *t = arg;

	t->signals |= UINT32_C(1) << sig;
}

static void
note_flow(void *arg, bool stopped)
{
	struct tty *t = arg;

	if (!stopped)
		tty_pump(t);
}

static const struct ldisc_ops ldisc_ops = {
	.put = echo_put,
	.signal = note_signal,
	.flow = note_flow,
};

static void
send_signals(struct tty *t, uint32_t signals)
{
	for (int sig = 1; sig <= SIGNAL_STANDARD_MAX; sig++)
		if (signals >> sig & 1)
			tty_signal(t, sig);
}

// The port has bytes.  Interrupts off.
static void
tty_receive(void *arg, const char *bytes, size_t n)
{
	struct tty *t = arg;

	spin_lock(&t->lock);
	for (size_t i = 0; i < n; i++)
		ldisc_input(&t->ldisc, (uint8_t)bytes[i]);
	uint32_t signals = t->signals;
	uint64_t lost = t->ldisc.lost;
	bool more_lost = lost > t->lost_before;
	t->signals = 0;
	t->lost_before = lost;
	wake_all(&t->readable);
	tty_pump(t);
	spin_unlock(&t->lock);
	if (signals != 0)
		send_signals(t, signals);
	if (more_lost)
		print_limited(PRINT_WARNING, "console: %lu bytes of input lost: nobody reads them",
			      lost);
}

// The port has room again.  Interrupts off.
static void
tty_space(void *arg)
{
	struct tty *t = arg;

	spin_lock(&t->lock);
	tty_pump(t);
	spin_unlock(&t->lock);
}

// What a read waits for (POSIX.1-2017, 11.1.6 and 11.1.7).
struct read_rule {
	bool canonical;
	uint64_t minimum;    // bytes that must be there, not canonical
	uint64_t first_ns;   // time for the first byte; DEADLINE_NONE: any
	uint64_t between_ns; // time between bytes; DEADLINE_NONE: any
};

static struct read_rule
read_rule(const struct tty *t, uint64_t left)
{
	const struct termios *s = &t->ldisc.termios;
	uint64_t ns = s->c_cc[VTIME] * (NS_PER_SEC / 10);

	if (s->c_lflag & ICANON)
		return (struct read_rule){ true, 0, DEADLINE_NONE, DEADLINE_NONE };
	if (s->c_cc[VMIN] == 0)
		return (struct read_rule){ false, MIN(1, left), ns, ns };
	return (struct read_rule){ false, MIN(s->c_cc[VMIN], left), DEADLINE_NONE,
				   ns > 0 ? ns : DEADLINE_NONE };
}

static uint64_t
deadline_after(uint64_t ns)
{
	return ns == DEADLINE_NONE ? DEADLINE_NONE : clock_monotonic_ns() + ns;
}

// Wait until a read of left bytes has what it waits for.  Lock held.
// -ETIMEDOUT: the time that the settings give is over.
static int
wait_readable(struct tty *t, uint64_t left, bool wait)
{
	size_t seen = ldisc_available(&t->ldisc);
	struct read_rule rule = read_rule(t, left);
	uint64_t deadline = deadline_after(seen > 0 ? rule.between_ns : rule.first_ns);

	for (;;) {
		if (rule.canonical ? ldisc_has_line(&t->ldisc) : seen >= rule.minimum)
			return 0;
		if (!wait)
			return seen > 0 ? 0 : -EAGAIN;
		int error = sleep_on(&t->readable, &t->lock, SLEEP_INTERRUPTIBLE, deadline);
		if (error != 0)
			return seen > 0 && !rule.canonical ? 0 : error;
		rule = read_rule(t, left);
		size_t now = ldisc_available(&t->ldisc);
		if (now > seen)
			deadline = deadline_after(rule.between_ns);
		seen = now;
	}
}

static int
read_pieces(struct tty *t, struct uio *uio, bool wait)
{
	char piece[PIECE];
	bool first = true;
	bool end = false;
	int error = 0;

	// Only the first piece is waited for: the rest of a line is there.
	while (uio->left > 0 && !end && error == 0) {
		size_t n = 0;
		spin_lock(&t->lock);
		if (first)
			error = wait_readable(t, uio->left, wait);
		if (error == 0)
			n = ldisc_read(&t->ldisc, piece, MIN(uio->left, PIECE), &end);
		spin_unlock(&t->lock);
		if (n == 0)
			break;
		error = uio_copy(uio, piece, n);
		first = false;
	}
	return error == -ETIMEDOUT ? 0 : error;
}

static int
tty_read(struct file *f, struct uio *uio)
{
	struct tty *t = f->data;

	int error = tty_check_job(t, SIGTTIN);
	if (error != 0)
		return error;
	error = mutex_lock_interruptible(&t->reader);
	if (error != 0)
		return error;
	error = read_pieces(t, uio, !(f->flags & O_NONBLOCK));
	mutex_unlock(&t->reader);
	return error;
}

// ---- Devices -----------------------------------------------------------------

static const struct file_ops tty_file_ops = {
	.name = "terminal",
	.read = tty_read,
	.write = tty_write,
	.ioctl = tty_ioctl,
};

// To open the console never makes it a controlling terminal, as on Linux: many
// do so to leave a message.  That takes TIOCSCTTY.
static int
open_console(struct chardev *dev, struct file *f)
{
	f->data = dev->driver;
	return 0;
}

static int
open_tty(struct chardev *dev, struct file *f)
{
	(void)dev;
	f->data = tty_of_current();
	return f->data != NULL ? 0 : -ENXIO;
}

static struct chardev console_device = {
	.name = "console",
	.mode = 0620,
	.id = CONSOLE_DEVICE,
	.ops = &tty_file_ops,
	.open = open_console,
	.driver = &console,
};

static struct chardev tty_device = {
	.name = "tty",
	.mode = 0666,
	.id = TTY_DEVICE,
	.ops = &tty_file_ops,
	.open = open_tty,
};

void
tty_init(void)
{
	struct tty *t = &console;

	t->port = serial_console();
	if (t->port == NULL)
		return;
	spin_init(&t->lock, &tty_lock_class);
	mutex_init(&t->reader, &tty_reader_class);
	mutex_init(&t->writer, &tty_writer_class);
	waitqueue_init(&t->readable, "the terminal's input");
	waitqueue_init(&t->writable, "room in the terminal's output");
	ldisc_init(&t->ldisc, &ldisc_ops, t);
	t->device = CONSOLE_DEVICE;
	t->size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	if (chardev_register(&console_device) != 0 || chardev_register(&tty_device) != 0)
		print_warn("console: a device of that name exists already");
	t->port->arg = t;
	t->port->space = tty_space;
	t->port->receive = tty_receive;
}
