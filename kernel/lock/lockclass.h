// SPDX-License-Identifier: MIT
/*
 * Lock classes: what all locks of one kind have in common, and what is counted
 * of them.  The buffers' locks are many; their class is one.
 */
#pragma once

#include "arch/types.h"
#include "lock/order.h"

/*
 *   I  fixed at definition
 *   a  atomic
 */
struct lock_class {
	const char *name;        // [I]
	enum lock_rank rank;     // [I]
	struct lock_class *next; // [a] list of all classes ever used
	uint32_t registered;     // [a]
	uint64_t acquired;       // [a] times taken
	uint64_t contended;      // [a] times waited for
	uint64_t waits;          // [a] turns of waiting (spinning locks)
	uint64_t max_hold_ns;    // [a] kept only with boot argument lockstat
	uint64_t max_wait_ns;    // [a]
};

#define LOCK_CLASS(class_name, class_rank)                 \
	{                                                  \
		.name = (class_name), .rank = (class_rank) \
	}

// For /proc/locks and reports.
void lock_class_for_each(void (*fn)(void *arg, const struct lock_class *c), void *arg);

// Put c on the list of classes; called at a class's first use.  Any context.
void lock_class_register(struct lock_class *c);

// Raise one of a class's maxima to ns.  Any context.
void lock_class_raise(uint64_t *maximum, uint64_t ns);

// Whether times of holds are kept (boot argument lockstat).  Set at boot.
extern bool lock_times;
