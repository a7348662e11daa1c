// SPDX-License-Identifier: MIT
/*
 * The check of the lock order for locks that sleep; spinlock.c has its own
 * list by hart.  A thread's list is in its struct thread (struct held_locks).
 */
#pragma once

#include "lock/lockclass.h"

#define HELD_MAX 12

struct held_lock {
	const void *lock;
	struct lock_class *class;
	uint64_t site;
};

// The sleeping locks that one thread holds, in the order taken.
struct held_locks {
	uint32_t count;
	struct held_lock entry[HELD_MAX];
};

enum rank_nesting {
	RANK_STRICT,       // above all that are held
	RANK_NESTED_EQUAL, // an equal rank is in order here
	RANK_NO_WAIT,      // any order: the lock was had without waiting (a try)
};

// Check the order, then note lock as held.  Panics on a violation, naming both
// locks and both call sites.
void rank_acquire(struct held_locks *held, const void *lock, struct lock_class *class,
		  uint64_t site, enum rank_nesting nesting);
// Forget lock; panics if it isn't held.
void rank_release(struct held_locks *held, const void *lock, struct lock_class *class);
bool rank_holds(const struct held_locks *held, const void *lock);
// Panic, naming the locks, if any is held.
void rank_assert_none(const struct held_locks *held, const char *where);
