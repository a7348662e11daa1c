// SPDX-License-Identifier: MIT
/*
 * For locks that are not a mutex (vnodes' three-level locks): the same check of
 * the order, the current thread's list, and the bounded wait's report.
 */
#pragma once

#include "lock/rank.h"

void ranked_acquire(const void *lock, struct lock_class *class, uint64_t site,
		    enum rank_nesting nesting);
void ranked_release(const void *lock, struct lock_class *class);
bool ranked_holds(const void *lock);
// Panic if the current thread holds a sleeping lock: on the way out of the
// kernel.
void ranked_assert_none(const char *where);
