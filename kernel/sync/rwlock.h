// SPDX-License-Identifier: MIT
/*
 * The readers-writer lock whose waiters sleep.  The algorithm.
 *
 * This header is part of the specification of lab 1-locks; rwlock.c is what a
 * student writes.  Ranks, statistics and reports are in mutex.c above it.
 *
 *   1. Readers share, a writer is alone.
 *   2. No starvation: a reader that comes while a writer waits, waits behind
 *      it; when a writer ends, the readers that wait then go first, all
 *      together, before the next writer.
 *   3. Hand-off, interruption and deadlines as for the sleeplock.
 */
#pragma once

#include "sched/sleep.h"

struct thread;

/*
 *   g  guard
 */
struct rwlock {
	struct spinlock guard;
	uint32_t readers;             // [g] that hold it
	struct thread *writer;        // [g] that holds it
	struct waitqueue read_queue;  // [g]
	struct waitqueue write_queue; // [g]
	const char *name;
};

void rwlock_init(struct rwlock *l, const char *name);
int rwlock_acquire_read(struct rwlock *l, enum sleep_flags flags, uint64_t deadline);
int rwlock_acquire_write(struct rwlock *l, enum sleep_flags flags, uint64_t deadline);
bool rwlock_try_read(struct rwlock *l);
bool rwlock_try_write(struct rwlock *l);
void rwlock_release_read(struct rwlock *l);
void rwlock_release_write(struct rwlock *l);
// The writer becomes a reader; nobody writes in between.
void rwlock_downgrade(struct rwlock *l);
