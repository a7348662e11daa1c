// SPDX-License-Identifier: MIT
/*
 * The terminal on the machine's serial console: /dev/console, and /dev/tty for
 * whoever has it as its controlling terminal (POSIX.1-2017, chapter 11).
 */
#pragma once

#include "arch/types.h"

struct proc;

// Take the console's port, if the machine has one, and make the devices known.
// In a thread, once.
void tty_init(void);

// p is about to end: if it leads a session, the session's terminal is free
// and its foreground group gets SIGHUP and SIGCONT.
void tty_leave(struct proc *p);

// Device number of p's controlling terminal and its foreground group, for
// /proc; 0 and -1 if there is none.  Tree lock held.
void tty_of(struct proc *p, uint64_t *device, int *foreground);
