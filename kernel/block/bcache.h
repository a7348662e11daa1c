// SPDX-License-Identifier: MIT
/*
 * The buffer cache: one copy in memory of each block in use.  The algorithm.
 *
 * This header is the specification of lab 3-bcache; bcache.c is what a student
 * writes.  Statistics and checks are in buf.c above it, and the kernel calls
 * that.
 *
 *   1. At most one buffer for a block of a device; found by hash, with a lock
 *      a bucket.
 *   2. No lock is held across I/O: many blocks are read and written at once,
 *      and two who want the same absent block cause one read.
 *   3. A buffer with references is never evicted; among the others the ones
 *      that were used longest ago go first, clean ones before dirty ones.
 *   4. What is dirty is written later, in the background or at sync: first file
 *      data (buf.file), then, when that is done, the rest, each in order of block
 *      numbers; a block dirtied many times is written once.
 *   5. A read error is given to all who waited for it, and the buffer is not
 *      kept.  A write error is given to the next bcache_sync() of the device;
 *      the buffer stays dirty and is tried again.
 *   6. The cache grows while memory is free and gives pages back when asked;
 *      a cache that can't get a page evicts; if nothing can be evicted the
 *      caller waits for a buffer to be put.  That wait ends with -ENOMEM after
 *      BCACHE_WAIT_NS: those who have the buffers may wait likewise.
 */
#pragma once

#include "arch/time.h"
#include "block/buf.h"

#define BCACHE_WAIT_NS (10 * NS_PER_SEC)

// Make an empty cache that may hold up to max_buffers.
int bcache_init(unsigned max_buffers);

// A reference to the buffer of a block.  0, -EIO, -ENOMEM.  BUF_PEEK: -ENOENT
// if it is not in memory, or on its way there.
int bcache_get(struct blockdev *dev, uint64_t block, enum buf_mode mode, struct buf **out);
void bcache_put(struct buf *b);

// b's bytes have changed; the caller holds a reference.
void bcache_mark_dirty(struct buf *b);

// If b is dirty, write it, now, and wait.  0 or -EIO.
int bcache_write(struct buf *b);

// Write everything of dev that is dirty, wait, and flush.  0 or -EIO (also for
// errors of background writes since the last call).
int bcache_sync(struct blockdev *dev);

// The block was freed: forget its bytes, dirty or not.
void bcache_forget(struct blockdev *dev, uint64_t block);

// Drop all buffers of dev, which nobody uses any more (after a sync).
void bcache_drop(struct blockdev *dev);

// Evict about n clean buffers; returns how many pages became free.
uint64_t bcache_reclaim(uint64_t n);

// Start the thread that writes behind.
void bcache_start(void);

struct bcache_counts {
	unsigned buffers;
	unsigned dirty;
	unsigned referenced;
};
void bcache_count(struct bcache_counts *counts);
