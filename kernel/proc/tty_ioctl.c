// SPDX-License-Identifier: MIT
/*
 * A terminal's settings: ioctl(2) as the C library's termios functions use it
 * (Linux, ioctl_tty(2)).
 */
#include "abi/errno.h"
#include "abi/signal.h"
#include "proc/tty_impl.h"
#include "vfs/file.h"
#include "vm/usercopy.h"

static int
get_termios(struct tty *t, uaddr_t argument)
{
	spin_lock(&t->lock);
	struct termios settings = t->ldisc.termios;
	spin_unlock(&t->lock);
	return copy_out(argument, &settings, sizeof settings);
}

static int
set_termios(struct tty *t, uint64_t request, uaddr_t argument)
{
	struct termios settings;

	int error = copy_in(&settings, argument, sizeof settings);
	if (error == 0)
		error = tty_check_job(t, SIGTTOU);
	if (error != 0)
		return error;
	spin_lock(&t->lock);
	if (request != TCSETS)
		error = tty_drain(t);
	if (error == 0) {
		if (request == TCSETSF)
			ldisc_flush(&t->ldisc);
		ldisc_set(&t->ldisc, &settings);
		wake_all(&t->readable);
	}
	spin_unlock(&t->lock);
	return error;
}

static int
set_size(struct tty *t, uaddr_t argument)
{
	struct winsize size;

	int error = copy_in(&size, argument, sizeof size);
	if (error != 0)
		return error;
	spin_lock(&t->lock);
	bool changed = size.ws_row != t->size.ws_row || size.ws_col != t->size.ws_col;
	t->size = size;
	spin_unlock(&t->lock);
	if (changed)
		tty_signal(t, SIGWINCH);
	return 0;
}

static int
get_size(struct tty *t, uaddr_t argument)
{
	spin_lock(&t->lock);
	struct winsize size = t->size;
	spin_unlock(&t->lock);
	return copy_out(argument, &size, sizeof size);
}

// TCFLSH: which queue is thrown away.
static int
flush(struct tty *t, uint64_t which)
{
	if (which > TCIOFLUSH)
		return -EINVAL;
	int error = tty_check_job(t, SIGTTOU);
	if (error != 0)
		return error;
	spin_lock(&t->lock);
	if (which != TCOFLUSH)
		ldisc_flush(&t->ldisc);
	if (which != TCIFLUSH) {
		t->out_tail = t->out_head;
		wake_all(&t->writable);
	}
	spin_unlock(&t->lock);
	return 0;
}

// TCXONC: stop or start the output.  Nobody at the other end of this line could
// be told to stop sending, so the two for input do nothing.
static int
flow(struct tty *t, uint64_t action)
{
	if (action > TCION)
		return -EINVAL;
	int error = tty_check_job(t, SIGTTOU);
	if (error != 0)
		return error;
	spin_lock(&t->lock);
	if (action == TCOOFF)
		t->ldisc.stopped = true;
	if (action == TCOON) {
		t->ldisc.stopped = false;
		tty_pump(t);
	}
	spin_unlock(&t->lock);
	return 0;
}

static int
drain(struct tty *t)
{
	spin_lock(&t->lock);
	int error = tty_drain(t);
	spin_unlock(&t->lock);
	return error;
}

static int
get_count(struct tty *t, uint64_t request, uaddr_t argument)
{
	spin_lock(&t->lock);
	int n = (int)(request == FIONREAD ? ldisc_available(&t->ldisc) : t->out_head - t->out_tail);
	spin_unlock(&t->lock);
	return copy_out(argument, &n, sizeof n);
}

int
tty_ioctl(struct file *f, uint64_t request, uaddr_t argument)
{
	struct tty *t = f->data;

	switch (request) {
	case TCGETS:
		return get_termios(t, argument);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(t, request, argument);
	case TCSBRK:
		return drain(t);
	case TCXONC:
		return flow(t, argument);
	case TCFLSH:
		return flush(t, argument);
	case TIOCGWINSZ:
		return get_size(t, argument);
	case TIOCSWINSZ:
		return set_size(t, argument);
	case FIONREAD:
	case TIOCOUTQ:
		return get_count(t, request, argument);
	default:
		return tty_job_ioctl(t, request, argument);
	}
}
