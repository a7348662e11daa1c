// SPDX-License-Identifier: MIT
/*
 * Locks that sleep, as the kernel uses them: the algorithms of sleeplock.h and
 * rwlock.h with rank check, statistics by class, and a wait bounded in time
 * that is reported (who holds it, since when, from where, who waits, stacks).
 */
#pragma once

#include "sync/rwlock.h"
#include "sync/sleeplock.h"

/*
 *   I  fixed at initialisation
 *   h  the holder
 */
struct mutex {
	struct sleeplock lock;
	struct lock_class *class; // [I]
	uint64_t site;            // [h] return address of who took it
	uint64_t since_ns;        // [h] when
};

void mutex_init(struct mutex *m, struct lock_class *class);
void mutex_lock(struct mutex *m);
// A lock of the same rank is held; lock/order.h says why that is safe.
void mutex_lock_nested(struct mutex *m);
// 0, -EINTR or -ETIMEDOUT.
int mutex_lock_interruptible(struct mutex *m);
int mutex_lock_deadline(struct mutex *m, uint64_t deadline);
bool mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m);
bool mutex_held(struct mutex *m);

struct rwmutex {
	struct rwlock lock;
	struct lock_class *class; // [I]
	uint64_t site;            // [h] the writer's
	uint64_t since_ns;        // [h] the writer's
};

void rwmutex_init(struct rwmutex *m, struct lock_class *class);
void rwmutex_lock_read(struct rwmutex *m);
void rwmutex_lock_write(struct rwmutex *m);
void rwmutex_unlock_read(struct rwmutex *m);
void rwmutex_unlock_write(struct rwmutex *m);
void rwmutex_downgrade(struct rwmutex *m);
