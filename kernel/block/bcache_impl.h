// SPDX-License-Identifier: MIT
/*
 * What the files of the buffer cache share.
 *
 *	bcache.c        which blocks are in memory: getting, putting, making room
 *	bcache_order.c  which of them goes next
 *	bcache_write.c  what is dirty, and when and how it is written
 *
 * Two kinds of locks: a bucket's (finding, and coming into existence) and
 * bcache_order.lock (going, and writing).  The bucket's is taken first.
 */
#pragma once

#include "block/bcache.h"
#include "sched/sleep.h"

// buf.refs counts references; this bit says that the buffer is in no bucket any
// more, so that the last reference takes it with it.
#define REFS_GONE (UINT32_C(1) << 31)

// buf.state, under the bucket's lock.
enum {
	STATE_READING = 1 << 0, // not to be touched yet
	STATE_FAILED = 1 << 1,  // could not be read
};

// How a buffer stands to its block on the disk.
enum dirt {
	DIRT_CLEAN,   // the same; in the order of eviction
	DIRT_DIRTY,   // newer; on the list of dirty ones
	DIRT_QUEUED,  // newer; a pass has it on its own list
	DIRT_WRITING, // being written; on the list of those
	DIRT_AGAIN,   // being written, and newer already
};

#define PLACE_NONE UINT32_MAX

/*
 * A buffer, as the cache sees it.
 *
 *   a  atomic
 *   b  the bucket's lock
 *   o  bcache_order.lock
 *   p  the pass that has it queued, else [o]
 */
struct cached {
	struct buf buf;
	struct list hash;   // [b] in the bucket
	struct list dirty;  // [p] in one of the lists that enum dirt names
	uint64_t stamp;     // [a] rises with every put
	uint64_t dirty_seq; // [o] rises with every buffer that becomes dirty
	uint64_t dirty_ns;  // [o] when it did
	uint64_t write_seq; // [o] rises with every write that begins
	uint32_t place;     // [o] in the order of eviction, or PLACE_NONE
	enum dirt dirt;     // [o]
};

static inline struct cached *
cached_of(struct buf *b)
{
	return container_of(b, struct cached, buf);
}

/*
 *   a  atomic
 *   o  lock
 *   I  fixed since boot
 */
struct bcache_order {
	struct spinlock lock;     // o
	unsigned buffers;         // [o] in all
	unsigned buffers_max;     // [I]
	unsigned dirty;           // [o] not clean
	uint32_t wanting;         // [a] threads that wait for room
	uint64_t room_seq;        // [o] rises when there may be room
	struct waitqueue room;    // [o] for that
	struct list dirty_list;   // [o] by dirty_seq
	struct list writing_list; // [o] by write_seq
	uint64_t dirty_seq;       // [o] the last one given
	uint64_t write_seq;       // [o] the last one given
	struct thread *pass;      // [o] who writes many, or NULL
	struct waitqueue written; // [o] for a write to end
	struct waitqueue turn;    // [o] for a pass to end
	struct waitqueue behind;  // [o] the thread that writes behind
};
extern struct bcache_order bcache_order;

// ---- bcache.c --------------------------------------------------------------

// One reference less; if it is the last of one that is gone, free it.  No lock
// of the cache is held.
void bcache_unref(struct cached *c);
// There may be room now.  The order's lock is held.
void bcache_announce_room(void);

// ---- bcache_order.c --------------------------------------------------------

// A number above all that were given before.
uint64_t bcache_stamp(void);

// Whether somebody has a reference to c, or maps its page.  Any locks.
bool bcache_order_in_use(const struct cached *c);

// All with the order's lock held.  insert: c is clean and in a bucket.
int bcache_order_init(unsigned max_buffers);
void bcache_order_insert(struct cached *c);
void bcache_order_remove(struct cached *c);
// Of those that can be evicted, the one that was put longest ago and before the
// stamp `now`; it stays.  NULL if there is none.
struct cached *bcache_order_oldest(uint64_t now);

// ---- bcache_write.c --------------------------------------------------------

void bcache_write_init(void);

// c leaves the cache: it needs not be written any more.  Order's lock held.
void bcache_write_cancel(struct cached *c);

// Sleep until c is not being written.
void bcache_write_wait(struct cached *c);

// Write up to max of what has been dirty longest, and wait.  0; the first error;
// -EAGAIN: there was nothing; -EBUSY: somebody is just writing, and room will be
// announced; -EDEADLK: it is the caller himself.
int bcache_write_oldest(unsigned max);
