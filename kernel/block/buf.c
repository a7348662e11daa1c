// SPDX-License-Identifier: MIT
/*
 * The wall of the buffer cache: counters and checks above the algorithm, and
 * where its memory comes from.
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
#include "mm/heap.h"
#include "mm/page.h"
#include "mm/reclaim.h"

// The cache may have half of the memory, as far as nobody else wants it, and does
// not grow beyond what leaves a sixteenth free.
#define MEMORY_PART 2
#define PLENTY_PART 16

#define BUFFERS_MIN 64
#define BUFFERS_MAX (1u << 17)

static struct lock_class buffer_class = LOCK_CLASS("buffer", RANK_BUFFER);

struct buf *
buf_alloc(size_t size, enum buf_memory memory)
{
	if (memory == BUF_MEMORY_PLENTY && page_free_count() < page_total_count() / PLENTY_PART)
		return NULL;
	struct page *page = page_alloc(memory == BUF_MEMORY_PLENTY ? PAGE_NOWAIT : 0);
	if (page == NULL)
		return NULL;
	struct buf *b = heap_zalloc(size);
	if (b == NULL) {
		page_put(page);
		return NULL;
	}
	b->page = page;
	b->data = page_to_virt(page);
	mutex_init(&b->lock, &buffer_class);
	return b;
}

void
buf_free(struct buf *b)
{
	page_put(b->page);
	heap_free(b);
}

void
buf_renew(struct buf *b)
{
	kstat_inc(KSTAT_BUF_EVICTIONS);
	b->file = 0;
	b->file_offset = 0;
}

int
buf_get(struct blockdev *dev, uint64_t block, enum buf_mode mode, struct buf **out)
{
	if (block >= dev->blocks)
		return -EIO;
	if (mode != BUF_ZERO) {
		int error = bcache_get(dev, block, BUF_PEEK, out);
		if (error == 0)
			kstat_inc(KSTAT_BUF_HITS);
		if (error != -ENOENT || mode == BUF_PEEK)
			return error;
		kstat_inc(KSTAT_BUF_MISSES);
	}
	assert_may_sleep("buf_get");
	return bcache_get(dev, block, mode, out);
}

static void
check_referenced(const struct buf *b)
{
	assert(__atomic_load_n(&b->refs, __ATOMIC_RELAXED) != 0);
}

void
buf_put(struct buf *b)
{
	check_referenced(b);
	bcache_put(b);
}

void
buf_mark_dirty(struct buf *b)
{
	check_referenced(b);
	assert(!b->dev->read_only);
	bcache_mark_dirty(b);
}

int
buf_write(struct buf *b)
{
	check_referenced(b);
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
	assert_may_sleep("buf_drop");
	bcache_drop(dev);
}

void
buf_init(void)
{
	uint64_t max = MIN(page_total_count() / MEMORY_PART, BUFFERS_MAX);

	if (bcache_init((unsigned)MAX(max, BUFFERS_MIN)) != 0)
		panic("no memory for the buffer cache; give QEMU more (MEM=)");
	reclaim_register("buffer cache", bcache_reclaim);
	bcache_start();
}
