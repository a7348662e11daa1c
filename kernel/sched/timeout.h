// SPDX-License-Identifier: MIT
/*
 * Timeouts: call a function once, at or after a given time.  The algorithm.
 *
 * This header is the other half of the specification of lab 2-sched;
 * timeout.c is what a student writes.  The lock, the clock's interrupt and the
 * statistics are in timer.c above it, and the kernel calls that.
 *
 *   1. A timeout is idle or pending; wheel_add() makes an idle one pending.
 *   2. It is never handed out before its time, and at most one granule late,
 *      counted from the wheel_advance() that should have seen it.
 *   3. It is idle again before it is handed out, so its function may set it
 *      anew.
 *   4. Nothing allocates, and the cost of add, remove and of one step of
 *      advance doesn't grow with the number of pending timeouts.
 *   5. Times are 64-bit ns since boot and may lie any distance ahead.
 *
 * All functions are called with the wheel's lock held and interrupts off.
 */
#pragma once

#include "lib/list.h"

#define TIMEOUT_NEVER UINT64_MAX

#define WHEEL_GRANULE_NS UINT64_C(1000000) // 1 ms
#define WHEEL_BITS       6
#define WHEEL_SLOTS      (1 << WHEEL_BITS)
#define WHEEL_LEVELS     5 // 64^5 ms is 12 days; beyond that the last level wraps

/*
 *   w  the wheel's lock
 *   o  the owner's business
 */
struct timeout {
	struct list link;      // [w] in its slot while pending
	uint64_t when;         // [w] ns since boot
	void (*fn)(void *arg); // [o] interrupts off; must not sleep
	void *arg;             // [o]
	uint32_t slot;         // [w] free for the algorithm
	uint32_t hart;         // [w] timer.c: whose wheel it is in
};

struct wheel {
	uint64_t now;                // granules that are done
	uint32_t pending;            // timeouts in the wheel
	uint64_t used[WHEEL_LEVELS]; // slots that are not empty
	struct list slot[WHEEL_LEVELS][WHEEL_SLOTS];
	struct list due; // free for the algorithm
};

void wheel_init(struct wheel *w, uint64_t now_ns);
void wheel_add(struct wheel *w, struct timeout *t, uint64_t when);
// Make t idle.  Returns 1 if it was pending, else 0.
int wheel_remove(struct wheel *w, struct timeout *t);
bool timeout_pending(const struct timeout *t);
// The time has come to now_ns: return one timeout that is due, made idle, or
// NULL when there is none left.  Called in a loop.
struct timeout *wheel_advance(struct wheel *w, uint64_t now_ns);
// A time at or before the earliest pending one, but after now; TIMEOUT_NEVER
// if none.  Need not be exact: an early call of wheel_advance() does no harm.
uint64_t wheel_next(const struct wheel *w);
