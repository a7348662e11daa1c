// SPDX-License-Identifier: MIT
/*
 * The buffer cache (block/bcache.h has the rules).
 *
 * Two kinds of locks, and what each guards:
 *
 *   bucket.lock   which buffers are in the cache (hash), their state and error;
 *                 references are raised under it
 *   order.lock    what is to be done with them: the list of clean buffers
 *                 without references in order of their last use, the list of
 *                 dirty ones in order of their first change, the list of those
 *                 being written; write_state
 *
 * A bucket's lock is taken before order.lock.  A buffer is
 *
 *   reading   being filled; whoever finds it sleeps on its queue
 *   valid     its bytes are those of the block, or newer
 *   gone      no longer in its bucket; freed with its last reference
 *
 * and, apart from that, clean, dirty, or writing (and dirty again meanwhile).
 *
 *   1. A buffer is on the clean list exactly if it is valid, in its bucket,
 *      without references, and clean.
 *   2. A dirty or writing buffer is not freed, so under order.lock its
 *      reference count may be raised without the bucket's lock.
 *   3. It is taken for eviction by its name, not by its address: between the
 *      two locks somebody else may have evicted it.
 *   4. A block's older bytes are never written after newer ones: there is one
 *      write of a buffer at a time, and forgetting a block waits for its write.
 */
#include "block/bcache.h"

#include "abi/errno.h"
#include "arch/time.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "sched/clock.h"
#include "sched/thread.h"

enum {
	READING = 1 << 0,
	VALID = 1 << 1,
	GONE = 1 << 2,
};

enum {
	WRITE_CLEAN,
	WRITE_DIRTY,   // on order.dirty
	WRITE_WRITING, // on order.writing
	WRITE_AGAIN,   // on order.writing, and changed meanwhile
};

#define BUCKETS_MIN 64
#define BUCKETS_MAX 4096

#define BATCH_MAX 64 // buffers written at once

#define WRITE_AFTER_NS (5 * NS_PER_SEC)

struct bucket {
	struct spinlock lock;
	struct list buffers; // [lock]
};

static struct lock_class bucket_class = LOCK_CLASS("bcache", RANK_BCACHE);
static struct lock_class order_class = LOCK_CLASS("bcache-order", RANK_BCACHE_LRU);
static struct lock_class batch_class = LOCK_CLASS("bcache-batch", RANK_WAIT);

static struct bucket *buckets;
static uint64_t bucket_count; // a power of two

static struct {
	struct spinlock lock;
	struct list clean;           // [lock] by last use, oldest first
	struct list dirty;           // [lock] by first change, oldest first
	struct list writing;         // [lock]
	unsigned buffers;            // [lock] in all
	unsigned max_buffers;        // fixed
	unsigned dirty_count;        // [lock]
	struct waitqueue room;       // [lock] for a buffer to become clean and free
	struct waitqueue written;    // [lock] for a write to end
	struct waitqueue writer;     // [lock] the thread that writes behind
} order = { .lock = SPINLOCK_INIT(&order_class) };

// ---- Finding -----------------------------------------------------------------

static struct bucket *
bucket_of(const struct blockdev *dev, uint64_t block)
{
	return &buckets[hash_u64(block ^ (uint64_t)dev->id << 40) & (bucket_count - 1)];
}

// The buffer of a block.  The bucket's lock is held.
static struct buf *
find(const struct bucket *k, const struct blockdev *dev, uint64_t block)
{
	struct list *l;

	list_for_each(l, &k->buffers) {
		struct buf *b = container_of(l, struct buf, hash);
		if (b->block == block && b->dev == dev)
			return b;
	}
	return NULL;
}

// One more reference.  The bucket's lock is held.
static void
hold(struct buf *b)
{
	if (__atomic_fetch_add(&b->refs, 1, __ATOMIC_RELAXED) != 0)
		return;
	spin_lock(&order.lock);
	list_remove(&b->lru);
	spin_unlock(&order.lock);
}

static void
free_buffer(struct buf *b)
{
	page_put(b->page);
	heap_free(b);
	spin_lock(&order.lock);
	order.buffers--;
	wake_one(&order.room);
	spin_unlock(&order.lock);
}

// The last reference is gone.  The bucket's lock is held, and given back.
static void
release_last(struct bucket *k, struct buf *b)
{
	bool gone = (b->state & GONE) != 0;

	if (!gone) {
		spin_lock(&order.lock);
		// The writer may have taken a reference since (rule 2).
		if (b->write_state == WRITE_CLEAN && b->refs == 0) {
			list_push_back(&order.clean, &b->lru);
			wake_one(&order.room);
		}
		spin_unlock(&order.lock);
	}
	spin_unlock(&k->lock);
	if (gone)
		free_buffer(b);
}

void
bcache_put(struct buf *b)
{
	struct bucket *k = bucket_of(b->dev, b->block);

	spin_lock(&k->lock);
	if (__atomic_sub_fetch(&b->refs, 1, __ATOMIC_ACQ_REL) == 0)
		release_last(k, b);
	else
		spin_unlock(&k->lock);
}

// Take b out of its bucket; who has a reference keeps it.  Both locks are held.
static void
unhash(struct buf *b)
{
	list_remove(&b->hash);
	list_remove(&b->lru);
	b->state |= GONE;
}

// ---- Making room -------------------------------------------------------------

// Take the clean buffer that was used longest ago out of the cache.  NULL if
// there is none.
static struct buf *
evict(void)
{
	for (;;) {
		spin_lock(&order.lock);
		if (list_empty(&order.clean)) {
			spin_unlock(&order.lock);
			return NULL;
		}
		struct buf *oldest = container_of(order.clean.next, struct buf, lru);
		struct blockdev *dev = oldest->dev;
		uint64_t block = oldest->block;
		spin_unlock(&order.lock);

		struct bucket *k = bucket_of(dev, block);
		spin_lock(&k->lock);
		spin_lock(&order.lock);
		struct buf *b = find(k, dev, block);
		bool mine = b != NULL && list_linked(&b->lru);
		if (mine)
			unhash(b);
		spin_unlock(&order.lock);
		spin_unlock(&k->lock);
		if (mine) {
			buf_note_eviction();
			return b;
		}
	}
}

static struct buf *
new_buffer(void)
{
	spin_lock(&order.lock);
	bool room = order.buffers < order.max_buffers;
	if (room)
		order.buffers++;
	spin_unlock(&order.lock);
	if (!room)
		return NULL;

	struct buf *b = heap_zalloc(sizeof *b);
	struct page *page = b != NULL ? page_alloc(PAGE_NOWAIT) : NULL;
	if (page != NULL) {
		b->page = page;
		b->data = page_to_virt(page);
		buf_setup(b);
		return b;
	}
	heap_free(b);
	spin_lock(&order.lock);
	order.buffers--;
	spin_unlock(&order.lock);
	return NULL;
}

static unsigned write_batch(const struct blockdev *dev, uint64_t until);

// Sleep until some buffer is clean and without references.  -ENOMEM if there
// is no buffer at all to wait for.
static int
wait_for_room(void)
{
	int error = 0;

	spin_lock(&order.lock);
	if (order.buffers == 0)
		error = -ENOMEM;
	else if (list_empty(&order.clean) && list_empty(&order.dirty))
		sleep_on(&order.room, &order.lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
	spin_unlock(&order.lock);
	return error;
}

// A buffer that is in no bucket, with one reference.
static int
make_buffer(struct blockdev *dev, uint64_t block, struct buf **out)
{
	struct buf *b;

	if (order.dirty_count > order.max_buffers / 2)
		write_batch(NULL, UINT64_MAX);
	while ((b = new_buffer()) == NULL && (b = evict()) == NULL) {
		if (write_batch(NULL, UINT64_MAX) > 0)
			continue;
		int error = wait_for_room();
		if (error != 0)
			return error;
	}
	b->dev = dev;
	b->block = block;
	b->refs = 1;
	b->state = 0;
	b->error = 0;
	b->file = 0;
	b->file_offset = 0;
	*out = b;
	return 0;
}

// ---- Getting -----------------------------------------------------------------

// b was found and is held.  Wait until it is filled.  The bucket's lock is
// held, and given back.
static int
wait_filled(struct bucket *k, struct buf *b)
{
	while (b->state & READING)
		sleep_on(&b->wait, &k->lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
	int error = b->state & VALID ? 0 : b->error;
	spin_unlock(&k->lock);
	if (error != 0)
		bcache_put(b);
	return error;
}

static int
fill(struct bucket *k, struct buf *b)
{
	b->request = (struct block_request){
		.op = BLOCK_READ,
		.block = b->block,
		.count = 1,
		.data = { b->data },
	};
	int error = block_submit_wait(b->dev, &b->request);

	spin_lock(&k->lock);
	b->state &= ~(uint32_t)READING;
	if (error == 0) {
		b->state |= VALID;
	} else {
		b->error = error;
		list_remove(&b->hash);
		b->state |= GONE;
	}
	wake_all(&b->wait);
	spin_unlock(&k->lock);
	if (error != 0)
		bcache_put(b);
	return error;
}

int
bcache_get(struct blockdev *dev, uint64_t block, enum buf_mode mode, struct buf **out)
{
	struct bucket *k = bucket_of(dev, block);
	struct buf *b, *fresh = NULL;
	int error;

	for (;;) {
		spin_lock(&k->lock);
		b = find(k, dev, block);
		if (b != NULL || mode == BUF_PEEK || fresh != NULL)
			break;
		spin_unlock(&k->lock);
		error = make_buffer(dev, block, &fresh);
		if (error != 0)
			return error;
	}
	if (b != NULL) {
		hold(b);
		error = wait_filled(k, b);
		if (error == 0 && mode == BUF_ZERO)
			memset(b->data, 0, BLOCK_SIZE);
		if (fresh != NULL)
			free_buffer(fresh);
	} else if (fresh == NULL) {
		spin_unlock(&k->lock);
		return -ENOENT;
	} else {
		b = fresh;
		if (mode == BUF_ZERO)
			memset(b->data, 0, BLOCK_SIZE);
		b->state = mode == BUF_READ ? READING : VALID;
		list_push_front(&k->buffers, &b->hash);
		spin_unlock(&k->lock);
		error = mode == BUF_READ ? fill(k, b) : 0;
	}
	*out = error == 0 ? b : NULL;
	return error;
}

// ---- Writing -----------------------------------------------------------------

void
bcache_mark_dirty(struct buf *b)
{
	spin_lock(&order.lock);
	if (b->write_state == WRITE_CLEAN) {
		b->write_state = WRITE_DIRTY;
		b->stamp = clock_monotonic_ns();
		list_push_back(&order.dirty, &b->dirty);
		order.dirty_count++;
		wake_one(&order.writer);
	} else if (b->write_state == WRITE_WRITING) {
		b->write_state = WRITE_AGAIN;
		b->stamp = clock_monotonic_ns();
	}
	spin_unlock(&order.lock);
}

/*
 * Buffers that are written together.
 *   l  lock
 */
struct batch {
	struct buf *buf[BATCH_MAX]; // by device and block
	unsigned count;
	struct spinlock lock;
	unsigned in_flight;     // [l] requests
	struct waitqueue ended; // [l]
};

static void
batch_init(struct batch *t)
{
	t->count = 0;
	t->in_flight = 0;
	spin_init(&t->lock, &batch_class);
	waitqueue_init(&t->ended, "disk write");
}

// Move b from the dirty to those being written, and hold it.  order.lock held.
static void
batch_take(struct batch *t, struct buf *b)
{
	list_remove(&b->dirty);
	list_push_back(&order.writing, &b->dirty);
	order.dirty_count--;
	b->write_state = WRITE_WRITING;
	__atomic_fetch_add(&b->refs, 1, __ATOMIC_RELAXED);
	t->buf[t->count++] = b;
}

// Take up to BATCH_MAX buffers that were changed until then.
static void
batch_collect(struct batch *t, const struct blockdev *dev, uint64_t until)
{
	struct list *l, *next;

	spin_lock(&order.lock);
	list_for_each_safe(l, next, &order.dirty) {
		struct buf *b = container_of(l, struct buf, dirty);
		if (t->count == BATCH_MAX)
			break;
		if (b->stamp <= until && (dev == NULL || b->dev == dev))
			batch_take(t, b);
	}
	spin_unlock(&order.lock);
}

static bool
comes_before(const struct buf *a, const struct buf *b)
{
	return a->dev != b->dev ? a->dev->id < b->dev->id : a->block < b->block;
}

static void
batch_sort(struct batch *t)
{
	for (unsigned i = 1; i < t->count; i++) {
		struct buf *b = t->buf[i];
		unsigned at = i;
		for (; at > 0 && comes_before(b, t->buf[at - 1]); at--)
			t->buf[at] = t->buf[at - 1];
		t->buf[at] = b;
	}
}

// Interrupts off.
static void
request_done(struct block_request *r)
{
	struct batch *t = r->arg;

	spin_lock(&t->lock);
	if (--t->in_flight == 0)
		wake_all(&t->ended);
	spin_unlock(&t->lock);
}

// The buffers from first on that lie in a row become one request, that of the
// first.  Returns how many.
static unsigned
submit_run(struct batch *t, unsigned first)
{
	struct buf *b = t->buf[first];
	unsigned n = 0;

	b->request = (struct block_request){
		.op = BLOCK_WRITE,
		.block = b->block,
		.done = request_done,
		.arg = t,
	};
	while (first + n < t->count && n < BLOCK_REQUEST_MAX &&
	       t->buf[first + n]->dev == b->dev && t->buf[first + n]->block == b->block + n) {
		b->request.data[n] = t->buf[first + n]->data;
		n++;
	}
	b->request.count = n;
	spin_lock(&t->lock);
	t->in_flight++;
	spin_unlock(&t->lock);
	block_submit(b->dev, &b->request);
	return n;
}

// b's write has ended.
static void
write_ended(struct buf *b, int error)
{
	spin_lock(&order.lock);
	list_remove(&b->dirty);
	if (b->write_state == WRITE_AGAIN || error != 0) {
		if (b->write_state != WRITE_AGAIN)
			b->stamp = clock_monotonic_ns();
		b->write_state = WRITE_DIRTY;
		list_push_back(&order.dirty, &b->dirty);
		order.dirty_count++;
	} else {
		b->write_state = WRITE_CLEAN;
	}
	wake_all(&order.written);
	spin_unlock(&order.lock);
	if (error != 0)
		__atomic_store_n(&b->dev->write_error, error, __ATOMIC_RELAXED);
	bcache_put(b);
}

// Write what was taken and wait for it.  Returns the first error.
static int
batch_write(struct batch *t)
{
	int first_error = 0;
	uint8_t run[BATCH_MAX]; // the length of the run that begins here

	batch_sort(t);
	for (unsigned i = 0; i < t->count; i += run[i])
		run[i] = (uint8_t)submit_run(t, i);
	spin_lock(&t->lock);
	while (t->in_flight > 0)
		sleep_on(&t->ended, &t->lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
	spin_unlock(&t->lock);

	for (unsigned i = 0, next; i < t->count; i = next) {
		int error = t->buf[i]->request.error;
		if (first_error == 0)
			first_error = error;
		for (next = i + run[i]; i < next; i++)
			write_ended(t->buf[i], error);
	}
	return first_error;
}

// Write a batch of what was changed until then.  Returns how many buffers are
// clean now that were not.
static unsigned
write_batch(const struct blockdev *dev, uint64_t until)
{
	struct batch t;

	batch_init(&t);
	batch_collect(&t, dev, until);
	return t.count > 0 && batch_write(&t) == 0 ? t.count : 0;
}

// order.lock is held.
static bool
being_written(const struct buf *b)
{
	return b->write_state == WRITE_WRITING || b->write_state == WRITE_AGAIN;
}

// Sleep until b is not being written.  order.lock is held.
static void
wait_written(const struct buf *b)
{
	while (being_written(b))
		sleep_on(&order.written, &order.lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
}

int
bcache_write(struct buf *b)
{
	struct batch t;

	batch_init(&t);
	spin_lock(&order.lock);
	wait_written(b);
	if (b->write_state == WRITE_DIRTY)
		batch_take(&t, b);
	spin_unlock(&order.lock);
	return t.count > 0 ? batch_write(&t) : 0;
}

// Whether a buffer of dev that was changed until then is being written.
// order.lock is held.
static bool
is_writing(const struct blockdev *dev, uint64_t until)
{
	struct list *l;

	list_for_each(l, &order.writing) {
		const struct buf *b = container_of(l, struct buf, dirty);
		if (b->dev == dev && (b->write_state == WRITE_AGAIN || b->stamp <= until))
			return true;
	}
	return false;
}

int
bcache_sync(struct blockdev *dev)
{
	uint64_t start = clock_monotonic_ns();
	struct batch t;
	int error = 0;

	do {
		batch_init(&t);
		batch_collect(&t, dev, start);
		int failed = t.count > 0 ? batch_write(&t) : 0;
		if (error == 0)
			error = failed;
	} while (t.count > 0);
	spin_lock(&order.lock);
	while (is_writing(dev, start))
		sleep_on(&order.written, &order.lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
	spin_unlock(&order.lock);

	int behind = __atomic_exchange_n(&dev->write_error, 0, __ATOMIC_RELAXED);
	if (error == 0)
		error = behind;
	int flushed = block_flush(dev);
	return error != 0 ? error : flushed;
}

// ---- Dropping ----------------------------------------------------------------

// Take b out of the cache, dirty or not; it is not being written.  Both locks
// are held.  Returns whether nobody has a reference: it is to be freed.
static bool
discard(struct buf *b)
{
	if (b->write_state == WRITE_DIRTY) {
		list_remove(&b->dirty);
		order.dirty_count--;
		b->write_state = WRITE_CLEAN;
	}
	unhash(b);
	return b->refs == 0;
}

void
bcache_forget(struct blockdev *dev, uint64_t block)
{
	struct bucket *k = bucket_of(dev, block);

	spin_lock(&k->lock);
	struct buf *b = find(k, dev, block);
	if (b == NULL) {
		spin_unlock(&k->lock);
		return;
	}
	hold(b);
	bool done = false;
	while (!done) {
		spin_lock(&order.lock);
		done = !being_written(b);
		if (done && !(b->state & GONE))
			discard(b);
		spin_unlock(&order.lock);
		spin_unlock(&k->lock);
		if (!done) {
			spin_lock(&order.lock);
			wait_written(b);
			spin_unlock(&order.lock);
			spin_lock(&k->lock);
		}
	}
	bcache_put(b);
}

void
bcache_drop(struct blockdev *dev)
{
	for (uint64_t i = 0; i < bucket_count; i++) {
		struct bucket *k = &buckets[i];
		struct list *l, *next;
		struct list dropped = LIST_INIT(dropped);

		spin_lock(&k->lock);
		spin_lock(&order.lock);
		list_for_each_safe(l, next, &k->buffers) {
			struct buf *b = container_of(l, struct buf, hash);
			if (b->dev == dev && b->refs == 0 && !being_written(b) && discard(b))
				list_push_back(&dropped, &b->hash);
		}
		spin_unlock(&order.lock);
		spin_unlock(&k->lock);
		while ((l = list_pop_front(&dropped)) != NULL)
			free_buffer(container_of(l, struct buf, hash));
	}
}

uint64_t
bcache_reclaim(uint64_t n)
{
	uint64_t freed = 0;
	struct buf *b;

	while (freed < n && ((b = evict()) != NULL || write_batch(NULL, UINT64_MAX) > 0)) {
		if (b == NULL)
			continue;
		free_buffer(b);
		freed++;
	}
	return freed;
}

// ---- Writing behind ----------------------------------------------------------

// When the writer has to act again.  order.lock is held.
static uint64_t
next_write(void)
{
	if (list_empty(&order.dirty))
		return DEADLINE_NONE;
	if (order.dirty_count > order.max_buffers / 4)
		return 0;
	return container_of(order.dirty.next, struct buf, dirty)->stamp + WRITE_AFTER_NS;
}

static void
write_behind(void *arg)
{
	(void)arg;
	for (;;) {
		spin_lock(&order.lock);
		uint64_t when = next_write();
		while (when > clock_monotonic_ns()) {
			sleep_on(&order.writer, &order.lock, SLEEP_UNINTERRUPTIBLE, when);
			when = next_write();
		}
		spin_unlock(&order.lock);
		// Something that can't be written is tried again after a while.
		uint64_t until = when == 0 ? UINT64_MAX : clock_monotonic_ns();
		if (write_batch(NULL, until) == 0)
			sleep_until(clock_monotonic_ns() + WRITE_AFTER_NS, SLEEP_UNINTERRUPTIBLE);
	}
}

void
bcache_start(void)
{
	struct thread *t;

	if (thread_create("write-behind", NULL, write_behind, NULL, &t) != 0)
		panic("no memory for the thread that writes behind; give QEMU more (MEM=)");
	thread_start(t);
	thread_put(t);
}

int
bcache_init(unsigned max_buffers)
{
	bucket_count = BUCKETS_MIN;
	while (bucket_count < BUCKETS_MAX && bucket_count < max_buffers / 8)
		bucket_count *= 2;
	buckets = heap_alloc_array(bucket_count, sizeof *buckets);
	if (buckets == NULL)
		return -ENOMEM;
	for (uint64_t i = 0; i < bucket_count; i++) {
		spin_init(&buckets[i].lock, &bucket_class);
		list_init(&buckets[i].buffers);
	}
	list_init(&order.clean);
	list_init(&order.dirty);
	list_init(&order.writing);
	waitqueue_init(&order.room, "buffer cache");
	waitqueue_init(&order.written, "disk write");
	waitqueue_init(&order.writer, "write-behind");
	order.max_buffers = MAX(max_buffers, BATCH_MAX);
	return 0;
}

void
bcache_count(struct bcache_counts *counts)
{
	struct list *l;

	*counts = (struct bcache_counts){ 0 };
	spin_lock(&order.lock);
	counts->buffers = order.buffers;
	counts->dirty = order.dirty_count;
	spin_unlock(&order.lock);
	for (uint64_t i = 0; i < bucket_count; i++) {
		spin_lock(&buckets[i].lock);
		list_for_each(l, &buckets[i].buffers)
			counts->referenced += container_of(l, struct buf, hash)->refs > 0;
		spin_unlock(&buckets[i].lock);
	}
}
