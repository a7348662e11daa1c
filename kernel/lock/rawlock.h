// SPDX-License-Identifier: MIT
/*
 * The raw lock: the algorithm under every spinlock, and nothing else.
 *
 * This header is the specification of lab 1-locks; rawlock.c is what a student
 * writes.  Everything that must not depend on it (interrupts, holder, ranks,
 * statistics, the bound on waiting) is in spinlock.c above.
 *
 *   1. Mutual exclusion: between lock and unlock there is one hart.
 *   2. First come, first served, from the first atomic step of raw_lock() on.
 *   3. What the last holder wrote before unlock is seen after lock: acquire
 *      and release order (RISC-V Unprivileged, chapter 14 and table A.6).
 *   4. raw_trylock() never waits.
 *   5. Every turn of a loop that waits calls spin_pause(wait).
 *
 * The caller holds interrupts off throughout and gives each attempt a node of
 * its own that lives until the unlock: room for a queue of waiters.  Only the
 * lock's own words, the node and the atomics may be touched.
 */
#pragma once

#include "arch/types.h"

struct rawnode {
	struct rawnode *next;
	uint32_t wait;
};

struct rawlock {
	uint32_t next;        // free for the algorithm; zero at first
	uint32_t serving;     // likewise
	struct rawnode *tail; // likewise
};

struct spin_wait;

// One turn of waiting: gives up the hart's slice, counts, and reports when the
// wait has become too long.  Any context.  (lock/spinlock.c)
void spin_pause(struct spin_wait *wait);

void raw_init(struct rawlock *l);
void raw_lock(struct rawlock *l, struct rawnode *me, struct spin_wait *wait);
bool raw_trylock(struct rawlock *l, struct rawnode *me);
void raw_unlock(struct rawlock *l, struct rawnode *me);
