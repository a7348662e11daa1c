// SPDX-License-Identifier: MIT
/*
 * The buffer cache: which blocks are in memory.
 *
 *   1. A buffer is in the bucket of its block, or gone.  It comes there empty,
 *      marked as being read, so that two who want a block find one buffer; the
 *      one who brought it reads it, without a lock, and the others sleep.
 *   2. References are taken under the bucket's lock, or, by whoever writes, under
 *      the order's lock from a buffer that is dirty.  They are put without any
 *      lock.  The same word says that a buffer is gone, so of those who put
 *      exactly one learns that he has to free it.
 *   3. A buffer is evicted if under its bucket's lock it has no references and,
 *      under the order's lock, is clean.  Who evicts found it by the order, without
 *      the bucket's lock, so it looks it up again by its block: an address alone
 *      may be of a buffer that was freed meanwhile.
 *   4. Room is made, in this order, by growing while there is plenty of memory, by
 *      evicting, by growing as far as memory can be had at all, by writing what
 *      is dirty, and by waiting for a put.
 */
#include "block/bcache.h"

#include "abi/errno.h"
#include "block/bcache_impl.h"
#include "lib/math.h"
#include "lib/print.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "sched/clock.h"

#define BUCKETS_MIN   16
#define BUCKETS_MAX   16384
#define PER_BUCKET    4  // buffers, when the cache is full
#define CLEAN_AT_ONCE 64 // dirty buffers written when room is needed

/*
 *   I  fixed since boot
 *   b  lock
 */
struct bucket {
	struct spinlock lock;   // b
	struct list buffers;    // [b]
	struct waitqueue reads; // [b] for one of its buffers to be read
};

static struct lock_class bucket_class = LOCK_CLASS("buffer bucket", RANK_BCACHE);
static struct lock_class order_class = LOCK_CLASS("buffer order", RANK_BCACHE_LRU);

static struct bucket *buckets;    // [I]
static uint64_t bucket_mask;      // [I]
struct bcache_order bcache_order; // [I]

static struct bucket *
bucket_of(const struct blockdev *dev, uint64_t block)
{
	return &buckets[hash_u64(block ^ (uint64_t)dev->id << 44) & bucket_mask];
}

// The buffer of a block, or NULL.  The bucket is locked.
static struct cached *
find(const struct bucket *bucket, const struct blockdev *dev, uint64_t block)
{
	struct list *l;

	list_for_each(l, &bucket->buffers) {
		struct cached *c = container_of(l, struct cached, hash);
		if (c->buf.block == block && c->buf.dev == dev)
			return c;
	}
	return NULL;
}

// ---- References --------------------------------------------------------------

// The bucket is locked.
static void
take_reference(struct cached *c)
{
	__atomic_fetch_add(&c->buf.refs, 1, __ATOMIC_RELAXED);
}

void
bcache_announce_room(void)
{
	bcache_order.room_seq++;
	wake_all(&bcache_order.room);
}

static void
free_cached(struct cached *c)
{
	buf_free(&c->buf);
	spin_lock(&bcache_order.lock);
	bcache_order.buffers--;
	bcache_announce_room();
	spin_unlock(&bcache_order.lock);
}

void
bcache_unref(struct cached *c)
{
	uint32_t refs = __atomic_sub_fetch(&c->buf.refs, 1, __ATOMIC_SEQ_CST);

	// From here on c is somebody else's, unless it was gone and we the last.
	if (refs == REFS_GONE) {
		free_cached(c);
	} else if (refs == 0 && __atomic_load_n(&bcache_order.wanting, __ATOMIC_SEQ_CST) > 0) {
		spin_lock(&bcache_order.lock);
		bcache_announce_room();
		spin_unlock(&bcache_order.lock);
	}
}

void
bcache_put(struct buf *b)
{
	struct cached *c = cached_of(b);

	__atomic_store_n(&c->stamp, bcache_stamp(), __ATOMIC_RELAXED);
	bcache_unref(c);
}

// Take c out of the cache; who has a reference keeps it.  The caller has one, and
// the bucket's lock.
static void
make_gone(struct cached *c)
{
	list_remove(&c->hash);
	spin_lock(&bcache_order.lock);
	__atomic_fetch_or(&c->buf.refs, REFS_GONE, __ATOMIC_RELAXED);
	if (c->place != PLACE_NONE)
		bcache_order_remove(c);
	bcache_write_cancel(c);
	spin_unlock(&bcache_order.lock);
}

// ---- Making room -------------------------------------------------------------

static struct cached *
grow(enum buf_memory memory)
{
	struct buf *b = NULL;

	spin_lock(&bcache_order.lock);
	bool allowed = bcache_order.buffers < bcache_order.buffers_max;
	bcache_order.buffers += allowed;
	spin_unlock(&bcache_order.lock);
	if (allowed)
		b = buf_alloc(sizeof(struct cached), memory);
	if (b == NULL) {
		spin_lock(&bcache_order.lock);
		bcache_order.buffers -= allowed;
		spin_unlock(&bcache_order.lock);
		return NULL;
	}
	struct cached *c = cached_of(b);
	list_init(&c->hash);
	list_init(&c->dirty);
	c->place = PLACE_NONE;
	return c;
}

// Take c out if it is still what rule 3 asks for.  Its bucket is locked.
static bool
evict_if_unused(struct cached *c)
{
	if (bcache_order_in_use(c))
		return false;
	spin_lock(&bcache_order.lock);
	bool clean = c->place != PLACE_NONE;
	if (clean)
		bcache_order_remove(c);
	spin_unlock(&bcache_order.lock);
	if (clean)
		list_remove(&c->hash);
	return clean;
}

// Take the buffer that was put longest ago out of the cache, or NULL.
static struct cached *
evict(void)
{
	uint64_t now = bcache_stamp();

	for (;;) {
		struct blockdev *dev = NULL;
		uint64_t block = 0;

		spin_lock(&bcache_order.lock);
		struct cached *c = bcache_order_oldest(now);
		if (c != NULL) {
			dev = c->buf.dev;
			block = c->buf.block;
		}
		spin_unlock(&bcache_order.lock);
		if (c == NULL)
			return NULL;

		struct bucket *bucket = bucket_of(dev, block);
		spin_lock(&bucket->lock);
		bool done = find(bucket, dev, block) == c && evict_if_unused(c);
		spin_unlock(&bucket->lock);
		if (done)
			return c;
	}
}

static struct cached *
evict_for_reuse(void)
{
	struct cached *c = evict();

	if (c != NULL)
		buf_renew(&c->buf);
	return c;
}

static uint64_t
room_seq(void)
{
	spin_lock(&bcache_order.lock);
	uint64_t seq = bcache_order.room_seq;
	spin_unlock(&bcache_order.lock);
	return seq;
}

// Sleep until room has been announced since room_seq() was `seen`.
static int
wait_for_change(uint64_t seen, uint64_t deadline)
{
	int error = 0;

	spin_lock(&bcache_order.lock);
	while (error == 0 && bcache_order.room_seq == seen)
		error = sleep_on(&bcache_order.room, &bcache_order.lock, SLEEP_UNINTERRUPTIBLE,
				 deadline);
	spin_unlock(&bcache_order.lock);
	return error;
}

// Nothing can be evicted.  Write or wait until something can.
static int
wait_for_room(struct cached **out)
{
	uint64_t deadline = clock_monotonic_ns() + BCACHE_WAIT_NS;
	struct cached *c;
	int error = 0;

	__atomic_fetch_add(&bcache_order.wanting, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		uint64_t seen = room_seq();
		c = evict_for_reuse();
		if (c != NULL || error != 0)
			break;
		error = bcache_write_oldest(CLEAN_AT_ONCE);
		if (error == -EAGAIN || error == -EBUSY || error == -EDEADLK)
			error = wait_for_change(seen, deadline);
	}
	__atomic_fetch_sub(&bcache_order.wanting, 1, __ATOMIC_SEQ_CST);
	*out = c;
	return c != NULL ? 0 : error;
}

// A buffer for a block, in no bucket yet, with one reference.
static int
make_room(struct blockdev *dev, uint64_t block, struct cached **out)
{
	struct cached *c = grow(BUF_MEMORY_PLENTY);

	if (c == NULL)
		c = evict_for_reuse();
	if (c == NULL)
		c = grow(BUF_MEMORY_ANY);
	if (c == NULL) {
		int error = wait_for_room(&c);
		if (error != 0) {
			print_limited(PRINT_WARNING,
				      "buffer cache: no room for block %lu of %s: %s",
				      (unsigned long)block, dev->name,
				      error == -EIO ? "what is dirty can't be written"
						    : "all buffers are in use");
			return error == -EIO ? -EIO : -ENOMEM;
		}
	}
	c->buf.dev = dev;
	c->buf.block = block;
	c->buf.refs = 1;
	*out = c;
	return 0;
}

// ---- Getting -----------------------------------------------------------------

// Read c, which is in its bucket and marked so, and wake those who wait for it.
static int
read_block(struct bucket *bucket, struct cached *c)
{
	struct block_request r = {
		.op = BLOCK_READ,
		.block = c->buf.block,
		.count = 1,
		.data = { c->buf.data },
	};
	int error = block_submit_wait(c->buf.dev, &r);

	spin_lock(&bucket->lock);
	c->buf.state = error != 0 ? STATE_FAILED : 0;
	if (error != 0 && list_linked(&c->hash))
		make_gone(c);
	wake_all(&bucket->reads);
	spin_unlock(&bucket->lock);
	return error;
}

// c was found and has our reference.  The bucket is locked, and given back.
static int
wait_until_read(struct bucket *bucket, struct cached *c)
{
	while (c->buf.state & STATE_READING)
		sleep_on(&bucket->reads, &bucket->lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
	int error = c->buf.state & STATE_FAILED ? -EIO : 0;
	spin_unlock(&bucket->lock);
	return error;
}

// Put a new buffer into its bucket, which is locked, and is given back.
static int
bring_in(struct bucket *bucket, struct cached *c, enum buf_mode mode)
{
	c->buf.state = mode == BUF_READ ? STATE_READING : 0;
	list_push_front(&bucket->buffers, &c->hash);
	spin_lock(&bcache_order.lock);
	bcache_order_insert(c);
	spin_unlock(&bcache_order.lock);
	spin_unlock(&bucket->lock);
	return mode == BUF_READ ? read_block(bucket, c) : 0;
}

// The block's buffer with a reference, brought in if it is absent.
static int
get(struct blockdev *dev, uint64_t block, enum buf_mode mode, struct cached **out)
{
	struct bucket *bucket = bucket_of(dev, block);
	struct cached *fresh = NULL, *c;

	for (;;) {
		spin_lock(&bucket->lock);
		c = find(bucket, dev, block);
		if (c != NULL)
			break;
		if (fresh != NULL) {
			*out = fresh;
			return bring_in(bucket, fresh, mode);
		}
		spin_unlock(&bucket->lock);
		int error = make_room(dev, block, &fresh);
		if (error != 0)
			return error;
		if (mode == BUF_ZERO)
			memset(fresh->buf.data, 0, BLOCK_SIZE);
	}
	take_reference(c);
	int error = wait_until_read(bucket, c);
	if (fresh != NULL)
		free_cached(fresh);
	if (error == 0 && mode == BUF_ZERO)
		memset(c->buf.data, 0, BLOCK_SIZE);
	*out = c;
	return error;
}

static int
peek(struct blockdev *dev, uint64_t block, struct buf **out)
{
	struct bucket *bucket = bucket_of(dev, block);

	spin_lock(&bucket->lock);
	struct cached *c = find(bucket, dev, block);
	if (c != NULL && (c->buf.state & STATE_READING))
		c = NULL;
	if (c != NULL)
		take_reference(c);
	spin_unlock(&bucket->lock);
	*out = c != NULL ? &c->buf : NULL;
	return c != NULL ? 0 : -ENOENT;
}

int
bcache_get(struct blockdev *dev, uint64_t block, enum buf_mode mode, struct buf **out)
{
	struct cached *c = NULL;

	if (mode == BUF_PEEK)
		return peek(dev, block, out);
	int error = get(dev, block, mode, &c);
	if (error != 0 && c != NULL) {
		bcache_unref(c);
		c = NULL;
	}
	*out = c != NULL ? &c->buf : NULL;
	return error;
}

// ---- Dropping ----------------------------------------------------------------

// c, in its bucket, which is locked and given back, leaves the cache.
static void
drop(struct bucket *bucket, struct cached *c)
{
	take_reference(c);
	make_gone(c);
	spin_unlock(&bucket->lock);
	// The block may be given to another file at once, and what is written for
	// that must come later.
	bcache_write_wait(c);
	bcache_unref(c);
}

void
bcache_forget(struct blockdev *dev, uint64_t block)
{
	struct bucket *bucket = bucket_of(dev, block);

	spin_lock(&bucket->lock);
	struct cached *c = find(bucket, dev, block);
	if (c != NULL)
		drop(bucket, c);
	else
		spin_unlock(&bucket->lock);
}

// Some buffer of dev in a bucket, which is locked.
static struct cached *
find_of_device(const struct bucket *bucket, const struct blockdev *dev)
{
	struct list *l;

	list_for_each(l, &bucket->buffers) {
		struct cached *c = container_of(l, struct cached, hash);
		if (c->buf.dev == dev)
			return c;
	}
	return NULL;
}

void
bcache_drop(struct blockdev *dev)
{
	struct cached *c;

	for (struct bucket *bucket = buckets; bucket <= &buckets[bucket_mask]; bucket++) {
		spin_lock(&bucket->lock);
		while ((c = find_of_device(bucket, dev)) != NULL) {
			drop(bucket, c);
			spin_lock(&bucket->lock);
		}
		spin_unlock(&bucket->lock);
	}
}

static uint64_t
evict_and_free(uint64_t n)
{
	uint64_t freed = 0;
	struct cached *c;

	for (; freed < n && (c = evict()) != NULL; freed++)
		free_cached(c);
	return freed;
}

uint64_t
bcache_reclaim(uint64_t n)
{
	uint64_t seen = room_seq();
	uint64_t freed = evict_and_free(n);

	if (freed > 0)
		return freed;
	int error = bcache_write_oldest((unsigned)MAX(n, CLEAN_AT_ONCE));
	if (error == -EBUSY)
		error = wait_for_change(seen, clock_monotonic_ns() + BCACHE_WAIT_NS);
	return error == 0 ? evict_and_free(n) : 0;
}

void
bcache_count(struct bcache_counts *counts)
{
	struct list *l;

	spin_lock(&bcache_order.lock);
	*counts = (struct bcache_counts){
		.buffers = bcache_order.buffers,
		.dirty = bcache_order.dirty,
	};
	spin_unlock(&bcache_order.lock);
	for (struct bucket *bucket = buckets; bucket <= &buckets[bucket_mask]; bucket++) {
		spin_lock(&bucket->lock);
		list_for_each(l, &bucket->buffers)
			counts->referenced +=
				__atomic_load_n(&container_of(l, struct cached, hash)->buf.refs,
						__ATOMIC_RELAXED) != 0;
		spin_unlock(&bucket->lock);
	}
}

int
bcache_init(unsigned max_buffers)
{
	uint64_t count = BUCKETS_MIN;

	while (count < BUCKETS_MAX && count < max_buffers / PER_BUCKET)
		count *= 2;
	bcache_order = (struct bcache_order){ .buffers_max = max_buffers };
	spin_init(&bcache_order.lock, &order_class);
	waitqueue_init(&bcache_order.room, "room in the buffer cache");
	bcache_write_init();
	bucket_mask = count - 1;
	buckets = heap_alloc_array(count, sizeof *buckets);
	if (buckets == NULL)
		return -ENOMEM;
	for (uint64_t i = 0; i < count; i++) {
		spin_init(&buckets[i].lock, &bucket_class);
		list_init(&buckets[i].buffers);
		waitqueue_init(&buckets[i].reads, "disk read");
	}
	return bcache_order_init(max_buffers);
}
