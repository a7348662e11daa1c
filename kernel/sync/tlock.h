// SPDX-License-Identifier: MIT
/*
 * The three-level lock for vnodes and mounts.  The algorithm.
 *
 * The idea is MINIX 3's (Design of its VFS server, three-level locks): with
 * only one holder that may upgrade, two readers can't wait for each other to
 * go.  This header is part of the specification of lab 6-vfs; tlock.c is what
 * a student writes.
 *
 *   READ             many
 *   READ_SERIALISED  one, beside readers; it alone may upgrade to WRITE
 *   WRITE            alone
 *
 *   1. First come, first served within {READ, WRITE}; READ_SERIALISED waits
 *      only for WRITE and for another READ_SERIALISED.
 *   2. A waiting WRITE, or a holder that upgrades, stops new readers; neither
 *      readers nor writers starve.
 *   3. Waits are not interruptible: they are bounded by what is done under
 *      the lock.
 */
#pragma once

#include "sched/sleep.h"

enum tlock_mode {
	TLOCK_NONE,
	TLOCK_READ,
	TLOCK_READ_SERIALISED,
	TLOCK_WRITE,
};

struct thread;

/*
 *   g  guard
 */
struct tlock {
	struct spinlock guard;
	uint32_t readers;         // [g] READ holders
	struct thread *owner;     // [g] READ_SERIALISED or WRITE holder
	enum tlock_mode held;     // [g] owner's mode
	bool upgrading;           // [g] owner waits for readers to go
	struct list queue;        // [g] READ and WRITE waiters in order
	struct list serial_queue; // [g] READ_SERIALISED waiters in order
	struct waitqueue upgrade; // [g] the owner that upgrades
	const char *name;
};

void tlock_init(struct tlock *l, const char *name);
void tlock_acquire(struct tlock *l, enum tlock_mode mode);
bool tlock_try(struct tlock *l, enum tlock_mode mode);
// mode is what the caller holds.
void tlock_release(struct tlock *l, enum tlock_mode mode);
// READ_SERIALISED to WRITE; sleeps until the readers have gone.
void tlock_upgrade(struct tlock *l);
// WRITE to READ_SERIALISED, or READ_SERIALISED (WRITE) to READ.
void tlock_downgrade(struct tlock *l, enum tlock_mode to);
