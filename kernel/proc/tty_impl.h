// SPDX-License-Identifier: MIT
/*
 * What the files of the terminal share: tty.c (devices, input, output),
 * tty_job.c (sessions, foreground), tty_ioctl.c (settings).
 */
#pragma once

#include "proc/ldisc.h"
#include "proc/tty.h"
#include "sync/mutex.h"

struct file;
struct pid;
struct serial_port;

#define TTY_OUT_SIZE 4096 // a power of two

/*
 *   I  fixed when made
 *   T  proc_tree_lock
 *   q  lock
 *   w  writer
 */
struct tty {
	struct spinlock lock;      // q
	struct mutex reader;       // one reader at a time
	struct mutex writer;       // w: a write is not mixed with others, by pieces
	struct serial_port *port;  // [I]
	uint64_t device;           // [I] number
	struct ldisc ldisc;        // [q]
	char out[TTY_OUT_SIZE];    // [q]
	uint32_t out_head;         // [q] bytes put in, free-running
	uint32_t out_tail;         // [q] bytes taken by the port
	uint32_t out_reserved;     // [q] room kept for the writer
	uint32_t signals;          // [q] bit n: signal n is to be sent
	uint64_t lost_before;      // [q] ldisc.lost at the last interrupt
	struct waitqueue readable; // [q]
	struct waitqueue writable; // [q]
	struct winsize size;       // [q]
	struct pid *session;       // [T] whose controlling terminal it is
	struct pid *foreground;    // [T] group that may read
};

// Send what waits, as far as the port takes it.  Lock held.
void tty_pump(struct tty *t);
// Sleep until everything has gone to the port.  Lock held.  0 or -EINTR.
int tty_drain(struct tty *t);

// Whether the current process may do what sends sig (SIGTTIN, SIGTTOU) to
// processes in the background.  0, -EIO, or -EINTR after the signal was sent.
int tty_check_job(struct tty *t, int sig);

// The terminal of the current process's session, or NULL.
struct tty *tty_of_current(void);
// It becomes that of the current process's session, which has none.  steal:
// even if it is another's.  -EPERM.
int tty_acquire(struct tty *t, bool steal);
// Send sig to the foreground group.
void tty_signal(struct tty *t, int sig);

// ioctl(2).  (tty_ioctl.c)
int tty_ioctl(struct file *f, uint64_t request, uaddr_t argument);
// The requests that are about sessions and groups.  (tty_job.c)
int tty_job_ioctl(struct tty *t, uint64_t request, uaddr_t argument);
