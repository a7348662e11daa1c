// SPDX-License-Identifier: MIT
/*
 * The buffer cache's wall: counters and checks above the algorithm.
 *
 * Whether a block was found is asked of the cache before it is told to read, so
 * that hits and misses are counted here and not by the algorithm itself.
 */
#include "block/buf.h"

#include "abi/errno.h"
#include "block/bcache.h"
#include "lib/kstat.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "mm/page.h"
#include "mm/reclaim.h"

static struct lock_class buffer_class = LOCK_CLASS("buffer", RANK_BUFFER);

void
buf_setup(struct buf *b)
{
	mutex_init(&b->lock, &buffer_class);
	waitqueue_init(&b->wait, "buffer");
	list_init(&b->hash);
	list_init(&b->lru);
	list_init(&b->dirty);
}

void
buf_note_eviction(void)
{
	kstat_inc(KSTAT_BUF_EVICTIONS);
}

void
buf_init(void)
{
	// Half of the memory at most; it gives way when others need it.
	if (bcache_init((unsigned)MIN(page_total_count() / 2, UINT32_MAX)) != 0)
		panic("no memory for the buffer cache; give QEMU more (MEM=)");
	reclaim_register("buffer cache", bcache_reclaim);
	bcache_start();
}

int
buf_get(struct blockdev *dev, uint64_t block, enum buf_mode mode, struct buf **out)
{
	if (block >= dev->blocks)
		return -EIO;
	int error = bcache_get(dev, block, BUF_PEEK, out);
	if (error == 0 && mode != BUF_ZERO) {
		kstat_inc(KSTAT_BUF_HITS);
		return 0;
	}
	if (error == 0)
		bcache_put(*out);
	else if (error != -ENOENT || mode == BUF_PEEK)
		return error;
	else
		kstat_inc(KSTAT_BUF_MISSES);
	assert_may_sleep("buf_get");
	return bcache_get(dev, block, mode, out);
}

void
buf_put(struct buf *b)
{
	assert(b->refs > 0);
	bcache_put(b);
}

void
buf_mark_dirty(struct buf *b)
{
	assert(b->refs > 0);
	assert(!b->dev->read_only);
	bcache_mark_dirty(b);
}

int
buf_write(struct buf *b)
{
	assert(b->refs > 0);
	assert_may_sleep("buf_write");
	return bcache_write(b);
}

int
buf_sync(struct blockdev *dev)
{
	assert_may_sleep("buf_sync");
	return bcache_sync(dev);
}

int
buf_sync_all(void)
{
	struct blockdev *dev;
	int first = 0;

	for (unsigned i = 0; (dev = blockdev_at(i)) != NULL; i++) {
		int error = buf_sync(dev);
		if (first == 0)
			first = error;
	}
	return first;
}

void
buf_forget(struct blockdev *dev, uint64_t block)
{
	assert_may_sleep("buf_forget");
	bcache_forget(dev, block);
}

void
buf_drop(struct blockdev *dev)
{
	bcache_drop(dev);
}
