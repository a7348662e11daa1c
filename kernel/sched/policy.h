// SPDX-License-Identifier: MIT
/*
 * Which thread runs next: the policy of one hart's run queue.
 *
 * This header is half of the specification of lab 2-sched; policy.c is what a
 * student writes.  States, wake-ups, calls between harts and the switch itself
 * are the scheduler's (sched.c); the policy only orders threads.
 *
 *   1. A thread is in a policy queue exactly while it is ready and not running.
 *   2. A thread has a priority, 0 (most) to POLICY_PRIORITIES - 1, and in each
 *      round a slice in ns that follows from it.  The threads of a hart run in
 *      rounds: runnable ones by priority until each has used its slice and is
 *      expired; when none is runnable the two arrays change places.
 *   3. Slices add up: yielding, sleeping or being preempted gives no thread
 *      more in a round than its slice; what is left of it stays.
 *   4. A child takes half of what its parent has left in this round, so that
 *      making threads gains nothing.
 *   5. Each function takes a time that doesn't grow with the number of threads.
 *
 * All functions are called with the queue's lock held and interrupts off;
 * policy_steal() with both queues locked.
 */
#pragma once

#include "lib/bitmap.h"
#include "lib/list.h"

#define POLICY_PRIORITIES       40
#define POLICY_PRIORITY_DEFAULT 20

// A turn of the hart between two switches lasts at most this long while
// others of the same priority wait.
#define POLICY_GRANULE_NS UINT64_C(10000000)

enum policy_why {
	POLICY_NEW,       // a thread that was just made
	POLICY_WAKE,      // it slept
	POLICY_PREEMPTED, // its turn was over, or somebody better came
	POLICY_YIELDED,   // it gave way
	POLICY_MOVED,     // it comes from another hart's queue
};

// The policy's part of a thread; no one else touches it.
struct policy_thread {
	struct list link;
	uint32_t priority;
	uint32_t array;   // which array it is queued in
	uint64_t round;   // the round that left_ns belongs to
	uint64_t left_ns; // what is left of its slice in that round
	uint64_t turn_ns; // used since it was picked last
};

struct policy_array {
	uint64_t used[BITMAP_WORDS(POLICY_PRIORITIES)]; // levels with threads
	struct list level[POLICY_PRIORITIES];
	uint32_t count;
};

struct policy_queue {
	struct policy_array array[2];
	uint32_t runnable; // index of the array that runs; the other is expired
	uint64_t round;    // counts exchanges of the two
};

void policy_init(struct policy_queue *q);

// The slice of a priority, in ns, the specification's table: 640 ms at priority
// 0 and half of that every five priorities on (40 ms at 20), in equal ratios.
uint64_t policy_slice_ns(unsigned priority);

void policy_thread_init(struct policy_thread *t, unsigned priority);
// t's priority changes; it is not queued.
void policy_set_priority(struct policy_thread *t, unsigned priority);
// Rule 4.  child is new; parent is running on this hart.
void policy_fork(struct policy_queue *q, struct policy_thread *parent, struct policy_thread *child);

void policy_enqueue(struct policy_queue *q, struct policy_thread *t, enum policy_why why);
void policy_dequeue(struct policy_queue *q, struct policy_thread *t);

// Take out and return the thread that shall run now, or NULL.
struct policy_thread *policy_pick(struct policy_queue *q);

// running has run for ran_ns more.  Returns true if it should give way to a
// thread of the queue.
bool policy_charge(struct policy_queue *q, struct policy_thread *running, uint64_t ran_ns);

// How long running may go on before policy_charge() has to be asked, in ns.
uint64_t policy_turn_left_ns(struct policy_queue *q, const struct policy_thread *running);

// Whether t, just enqueued, should preempt running.
bool policy_preempts(const struct policy_queue *q, const struct policy_thread *t,
		     const struct policy_thread *running);

// Take a thread out of from for the idle hart that owns to: the one that would
// have waited longest.  It is not yet enqueued in to.  NULL: none to spare.
struct policy_thread *policy_steal(struct policy_queue *from, struct policy_queue *to);

// Ready threads in q.
unsigned policy_count(const struct policy_queue *q);
