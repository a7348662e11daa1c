// SPDX-License-Identifier: MIT
/*
 * What the files of lock/ share: each hart's list of the spinlocks it holds,
 * and its wait for one.
 *
 * Interrupts are off while a hart holds a spinlock or waits for one, so only
 * the hart itself changes its part, and without any lock.  Others read it for
 * reports, knowing that it may be a moment old.
 */
#pragma once

#include "arch/hart.h"
#include "lock/spinlock.h"

// More spinlocks than this are never held at once: there are fewer ranks, and
// equal ranks nest by two.
#define SPIN_HELD_MAX 24

// A turn of waiting is counted; the clock is read at every so many.
#define SPIN_CHECK_TURNS 64

/*
 * The wait of one hart.
 *   h  the hart; others read it for reports
 */
struct spin_wait {
	const struct spinlock *lock; // [h] that it takes or took last
	uint64_t site;               // [h] return address of the call that waits
	uint64_t frame;              // [h] frame pointer, for the stack
	uint64_t turns;              // [h] 0 while it doesn't wait
	uint64_t since_ns;           // [h] first turn
	uint64_t checked_ns;         // [h] last look at the clock
	uint64_t waited_ns;          // [h] time in which this hart did run
	uint64_t limit_ns;           // [h] waited_ns at which to report
};

// A held lock.  rank is the highest of this entry and those below it.
struct spin_held {
	struct rawnode node;
	struct spinlock *lock; // NULL: a gap, left by a release out of order
	uint32_t rank;
};

/*
 * held[0] stands for "none": its rank is 0 and it is never a gap, so *top is
 * always an entry in use and has the highest rank.
 *   h  the hart
 *   I  since boot
 */
struct spin_hart {
	struct spin_held *top;                    // [h] the last entry in use
	bool times;                               // [I] lock_times, where it costs least
	struct spin_wait wait;                    // [h]
	struct spin_held held[SPIN_HELD_MAX + 1]; // [h]
} __attribute__((aligned(1024)));

extern struct spin_hart spin_harts[HART_MAX];

static inline struct spin_hart *
spin_this_hart(void)
{
	struct spin_hart *h = &spin_harts[this_hart()->index];
	asm("" : "+r"(h)); // one register, where the compiler would keep base and index
	return h;
}

// The wait is over: statistics, and the slate is clean again.
void spin_wait_end(struct spin_wait *wait, struct lock_class *class);

// Print the spinlocks held and waited for, hart by hart.
void lock_print_harts(void);
