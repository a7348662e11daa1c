// SPDX-License-Identifier: MIT
/*
 * The buffer cache: what is dirty, and when and how it is written.
 *
 * Many buffers are written by a pass, of which there is one at a time.  A pass
 * takes what is to be written off the list of dirty buffers, sorts it, and sends
 * blocks in a row as one request, several requests at once; its requests are its
 * own static ones, so that writing, which makes memory free, needs none.
 *
 *   1. A buffer is queued by a pass, and writing once its request is on its way.
 *      It is changed meanwhile as ever: if it was queued, the new bytes go with
 *      the rest; if it was writing, it is dirty again.
 *   2. There is one write of a block at a time, so older bytes never reach the
 *      disk after newer ones.
 *   3. A pass writes file data, waits for that, and only then writes what points
 *      to it.  What is asked of it (an age, a device, a number) limits the rest,
 *      never the data.  (What changes while the pass is under way may slip in
 *      between; the journal will know better.)
 *   4. What could not be written is dirty anew, as if just changed, so it is
 *      tried again after a while; the device remembers the error for its sync.
 *   5. A pass has a reference to what it took.  That is raised from 0 under the
 *      order's lock, which is enough: dirty buffers are not evicted.
 */
#include "block/bcache_impl.h"

#include "abi/errno.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "sched/clock.h"
#include "sched/thread.h"

#define AGE_NS (5 * NS_PER_SEC) // a buffer is written when it was dirty so long

#define RUNS  16  // requests on their way at once
#define PIECE 256 // buffers taken without giving the lock back
#define BINS  32  // for sorting 2^32 buffers

// What a pass shall write.
struct wanted {
	const struct blockdev *dev; // NULL: any
	uint64_t seq;               // what became dirty up to here ...
	uint64_t ns;                // ... and until then
	unsigned max;
};

// Which kind of blocks, by rule 3.
enum kind {
	KIND_DATA,
	KIND_REST,
};

/*
 *   o  bcache_order.lock
 *   p  the pass
 */
struct run {
	struct block_request request;
	struct cached *c[BLOCK_REQUEST_MAX]; // [p]
	bool busy;                           // [p]
	bool done;                           // [o]
};

static struct run runs[RUNS];
static struct waitqueue run_done; // [o]

// ---- Becoming dirty ----------------------------------------------------------

// Into the list of dirty buffers, which is by dirty_seq.  Order locked.
static void
list_dirty(struct cached *c)
{
	struct list *before = bcache_order.dirty_list.prev;

	while (before != &bcache_order.dirty_list &&
	       container_of(before, struct cached, dirty)->dirty_seq > c->dirty_seq)
		before = before->prev;
	list_insert_before(before->next, &c->dirty);
	c->dirt = DIRT_DIRTY;
}

static void
stamp_dirty(struct cached *c)
{
	c->dirty_seq = ++bcache_order.dirty_seq;
	c->dirty_ns = clock_monotonic_ns();
}

static bool
is_gone(const struct cached *c)
{
	return (__atomic_load_n(&c->buf.refs, __ATOMIC_RELAXED) & REFS_GONE) != 0;
}

static bool
too_many(void)
{
	return bcache_order.dirty > bcache_order.buffers_max / 4;
}

void
bcache_mark_dirty(struct buf *b)
{
	struct cached *c = cached_of(b);

	spin_lock(&bcache_order.lock);
	if (is_gone(c)) {
		// The block was freed; nobody wants its bytes.
	} else if (c->dirt == DIRT_CLEAN) {
		bcache_order_remove(c);
		stamp_dirty(c);
		list_dirty(c);
		if (bcache_order.dirty++ == 0 || too_many())
			wake_one(&bcache_order.behind);
	} else if (c->dirt == DIRT_WRITING) {
		stamp_dirty(c);
		c->dirt = DIRT_AGAIN;
	}
	spin_unlock(&bcache_order.lock);
}

void
bcache_write_cancel(struct cached *c)
{
	if (c->dirt == DIRT_DIRTY) {
		list_remove(&c->dirty);
		c->dirt = DIRT_CLEAN;
		bcache_order.dirty--;
	}
}

// ---- One write ---------------------------------------------------------------

// Order locked.  c is on no list.
static void
begin_write(struct cached *c)
{
	c->dirt = DIRT_WRITING;
	c->write_seq = ++bcache_order.write_seq;
	list_push_back(&bcache_order.writing_list, &c->dirty);
}

// c is clean now, or of no interest.  Order locked.
static void
become_clean(struct cached *c)
{
	c->dirt = DIRT_CLEAN;
	bcache_order.dirty--;
	if (!is_gone(c)) {
		bcache_order_insert(c);
		bcache_announce_room();
	}
}

// Order locked.
static void
end_write(struct cached *c, int error)
{
	bool again = c->dirt == DIRT_AGAIN;

	list_remove(&c->dirty);
	if (error != 0)
		__atomic_store_n(&c->buf.dev->write_error, error, __ATOMIC_RELAXED);
	if (is_gone(c) || (error == 0 && !again)) {
		become_clean(c);
		return;
	}
	if (error != 0)
		stamp_dirty(c);
	list_dirty(c);
}

// Order locked.
static bool
is_being_written(const struct cached *c)
{
	return c->dirt == DIRT_WRITING || c->dirt == DIRT_AGAIN;
}

void
bcache_write_wait(struct cached *c)
{
	spin_lock(&bcache_order.lock);
	while (is_being_written(c))
		sleep_on(&bcache_order.written, &bcache_order.lock, SLEEP_UNINTERRUPTIBLE,
			 DEADLINE_NONE);
	spin_unlock(&bcache_order.lock);
}

// Take c, which the caller holds, to write it alone, when nobody else does.
// False if it is clean, or gone.
static bool
take_single(struct cached *c)
{
	spin_lock(&bcache_order.lock);
	while (is_being_written(c) || c->dirt == DIRT_QUEUED)
		sleep_on(&bcache_order.written, &bcache_order.lock, SLEEP_UNINTERRUPTIBLE,
			 DEADLINE_NONE);
	bool dirty = c->dirt == DIRT_DIRTY;
	if (dirty) {
		list_remove(&c->dirty);
		begin_write(c);
	}
	spin_unlock(&bcache_order.lock);
	return dirty;
}

int
bcache_write(struct buf *b)
{
	struct cached *c = cached_of(b);
	struct block_request r = {
		.op = BLOCK_WRITE,
		.block = b->block,
		.count = 1,
		.data = { b->data },
	};

	if (!take_single(c))
		return 0;
	int error = block_submit_wait(b->dev, &r);
	spin_lock(&bcache_order.lock);
	end_write(c, error);
	wake_all(&bcache_order.written);
	spin_unlock(&bcache_order.lock);
	return error;
}

// ---- A pass: what it takes ---------------------------------------------------

static void
pass_begin(void)
{
	spin_lock(&bcache_order.lock);
	assert(bcache_order.pass != thread_current());
	while (bcache_order.pass != NULL)
		sleep_on(&bcache_order.turn, &bcache_order.lock, SLEEP_UNINTERRUPTIBLE,
			 DEADLINE_NONE);
	bcache_order.pass = thread_current();
	spin_unlock(&bcache_order.lock);
}

// Begin one unless there is one.  0, -EBUSY, or -EDEADLK if it is the caller's,
// who can't wait for it.
static int
pass_try(void)
{
	struct thread *self = thread_current();
	int error = 0;

	spin_lock(&bcache_order.lock);
	if (bcache_order.pass == NULL)
		bcache_order.pass = self;
	else
		error = bcache_order.pass == self ? -EDEADLK : -EBUSY;
	spin_unlock(&bcache_order.lock);
	return error;
}

static void
pass_end(void)
{
	spin_lock(&bcache_order.lock);
	bcache_order.pass = NULL;
	wake_one(&bcache_order.turn);
	spin_unlock(&bcache_order.lock);
}

static bool
is_wanted(const struct cached *c, const struct wanted *w, enum kind kind)
{
	return (w->dev == NULL || c->buf.dev == w->dev) &&
	       (kind == KIND_DATA) == (c->buf.file != 0);
}

// Move up to max buffers from the dirty to the pass's own list.  Order locked.
// Returns how many.
static unsigned
take_piece(struct list *taken, const struct wanted *w, enum kind kind, unsigned max)
{
	struct list *l, *next;
	unsigned n = 0;

	list_for_each_safe(l, next, &bcache_order.dirty_list) {
		struct cached *c = container_of(l, struct cached, dirty);
		if (n == max ||
		    (kind == KIND_REST && (c->dirty_seq > w->seq || c->dirty_ns > w->ns)))
			break;
		if (!is_wanted(c, w, kind))
			continue;
		list_remove(&c->dirty);
		list_push_back(taken, &c->dirty);
		c->dirt = DIRT_QUEUED;
		__atomic_fetch_add(&c->buf.refs, 1, __ATOMIC_RELAXED);
		n++;
	}
	return n;
}

static unsigned
take(struct list *taken, const struct wanted *w, enum kind kind)
{
	unsigned count = 0, n;

	do {
		spin_lock(&bcache_order.lock);
		n = take_piece(taken, w, kind, MIN(w->max - count, PIECE));
		spin_unlock(&bcache_order.lock);
		count += n;
	} while (n == PIECE);
	return count;
}

static bool
comes_before(const struct list *a, const struct list *b)
{
	const struct buf *x = &container_of(a, struct cached, dirty)->buf;
	const struct buf *y = &container_of(b, struct cached, dirty)->buf;

	return x->dev != y->dev ? x->dev->id < y->dev->id : x->block < y->block;
}

// Merge two sorted lists into the first.
static void
merge(struct list *a, struct list *b)
{
	struct list *at = a->next;

	while (!list_empty(b)) {
		while (at != a && !comes_before(b->next, at))
			at = at->next;
		list_insert_before(at, list_pop_front(b));
	}
}

// Merge sort, from the bottom: bin i holds a sorted list of 2^i buffers or none.
static void
sort(struct list *taken)
{
	struct list bin[BINS], carry = LIST_INIT(carry), *l;

	for (unsigned i = 0; i < BINS; i++)
		list_init(&bin[i]);
	while ((l = list_pop_front(taken)) != NULL) {
		unsigned i = 0;
		list_push_back(&carry, l);
		for (; !list_empty(&bin[i]); i++)
			merge(&carry, &bin[i]);
		list_splice_back(&bin[i], &carry);
	}
	for (unsigned i = 0; i < BINS; i++)
		merge(taken, &bin[i]);
}

// ---- A pass: how it writes ---------------------------------------------------

// Interrupts off.
static void
request_done(struct block_request *r)
{
	struct run *run = r->arg;

	spin_lock(&bcache_order.lock);
	run->done = true;
	wake_one(&run_done);
	spin_unlock(&bcache_order.lock);
}

static struct run *
find_done(void)
{
	for (unsigned i = 0; i < RUNS; i++)
		if (runs[i].busy && runs[i].done)
			return &runs[i];
	return NULL;
}

// Wait for a request of the pass to end, and see to its buffers.
static int
reap(void)
{
	struct run *run;

	spin_lock(&bcache_order.lock);
	while ((run = find_done()) == NULL)
		sleep_on(&run_done, &bcache_order.lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
	for (unsigned i = 0; i < run->request.count; i++)
		end_write(run->c[i], run->request.error);
	wake_all(&bcache_order.written);
	spin_unlock(&bcache_order.lock);
	for (unsigned i = 0; i < run->request.count; i++)
		bcache_unref(run->c[i]);
	run->busy = false;
	return run->request.error;
}

static struct run *
find_idle(void)
{
	for (unsigned i = 0; i < RUNS; i++)
		if (!runs[i].busy)
			return &runs[i];
	return NULL;
}

static bool
any_busy(void)
{
	for (unsigned i = 0; i < RUNS; i++)
		if (runs[i].busy)
			return true;
	return false;
}

// The first of the list, made one that is being written if it goes on from what
// the run has.  NULL if it doesn't, or at the end.
static struct cached *
take_next(struct list *taken, const struct run *run)
{
	const struct block_request *r = &run->request;

	while (!list_empty(taken) && r->count < BLOCK_REQUEST_MAX) {
		struct cached *c = container_of(taken->next, struct cached, dirty);
		if (r->count > 0 &&
		    (c->buf.dev != run->c[0]->buf.dev || c->buf.block != r->block + r->count))
			return NULL;
		spin_lock(&bcache_order.lock);
		bool gone = is_gone(c);
		list_remove(&c->dirty);
		if (gone)
			become_clean(c);
		else
			begin_write(c);
		spin_unlock(&bcache_order.lock);
		if (!gone)
			return c;
		bcache_unref(c);
	}
	return NULL;
}

// Fill a run with what is in a row at the start of the list, and send it.
static void
send(struct list *taken, struct run *run)
{
	struct block_request *r = &run->request;
	struct cached *c;

	*r = (struct block_request){ .op = BLOCK_WRITE, .done = request_done, .arg = run };
	while ((c = take_next(taken, run)) != NULL) {
		if (r->count == 0)
			r->block = c->buf.block;
		r->data[r->count] = c->buf.data;
		run->c[r->count++] = c;
	}
	if (r->count == 0)
		return;
	run->done = false;
	run->busy = true;
	block_submit(run->c[0]->buf.dev, r);
}

// Write a sorted list and wait for all of it.
static int
write_list(struct list *taken)
{
	int first = 0;

	for (;;) {
		struct run *run = find_idle();
		if (run != NULL && !list_empty(taken)) {
			send(taken, run);
			continue;
		}
		if (!any_busy())
			return first;
		int error = reap();
		if (first == 0)
			first = error;
	}
}

// Write what is wanted, in a pass.  *count gets how many buffers that were.
static int
write_wanted(const struct wanted *w, unsigned *count)
{
	struct list taken = LIST_INIT(taken);

	*count = take(&taken, w, KIND_DATA);
	sort(&taken);
	int error = write_list(&taken);
	// A part of the data does not do for what points to all of it.
	if (error != 0 || *count == w->max)
		return error;
	struct wanted rest = *w;
	rest.max -= *count;
	*count += take(&taken, &rest, KIND_REST);
	sort(&taken);
	return write_list(&taken);
}

// ---- Who writes --------------------------------------------------------------

int
bcache_write_oldest(unsigned max)
{
	struct wanted w = { .seq = UINT64_MAX, .ns = UINT64_MAX, .max = max };
	unsigned count;

	int error = pass_try();
	if (error != 0)
		return error;
	error = write_wanted(&w, &count);
	pass_end();
	return error == 0 && count == 0 ? -EAGAIN : error;
}

// Wait for the writes of dev's blocks that have begun.  Returns whether there
// were any.
static bool
wait_for_singles(const struct blockdev *dev)
{
	bool any = false, found;

	spin_lock(&bcache_order.lock);
	uint64_t until = bcache_order.write_seq;
	do {
		struct list *l;
		found = false;
		list_for_each(l, &bcache_order.writing_list) {
			struct cached *c = container_of(l, struct cached, dirty);
			if (c->write_seq > until)
				break;
			found |= c->buf.dev == dev;
		}
		if (found)
			sleep_on(&bcache_order.written, &bcache_order.lock, SLEEP_UNINTERRUPTIBLE,
				 DEADLINE_NONE);
		any |= found;
	} while (found);
	spin_unlock(&bcache_order.lock);
	return any;
}

int
bcache_sync(struct blockdev *dev)
{
	struct wanted w = { .dev = dev, .ns = UINT64_MAX, .max = UINT32_MAX };
	bool singles = true;
	unsigned count;
	int error = 0;

	pass_begin();
	spin_lock(&bcache_order.lock);
	w.seq = bcache_order.dirty_seq;
	spin_unlock(&bcache_order.lock);
	// Once more if something was being written by others: it may be dirty
	// again, and have been so when we began.
	for (unsigned round = 0; round < 2 && singles && error == 0; round++) {
		error = write_wanted(&w, &count);
		singles = wait_for_singles(dev);
	}
	pass_end();

	int behind = __atomic_exchange_n(&dev->write_error, 0, __ATOMIC_RELAXED);
	int flushed = block_flush(dev);
	if (error == 0)
		error = behind;
	return error != 0 ? error : flushed;
}

// When the thread that writes behind has something to do.  Order locked.
static uint64_t
due_ns(void)
{
	if (list_empty(&bcache_order.dirty_list))
		return DEADLINE_NONE;
	if (too_many())
		return 0;
	struct cached *oldest = container_of(bcache_order.dirty_list.next, struct cached, dirty);
	return oldest->dirty_ns + AGE_NS;
}

static void
write_behind(void *arg)
{
	unsigned count;

	(void)arg;
	for (;;) {
		struct wanted w = { .seq = UINT64_MAX, .ns = UINT64_MAX, .max = UINT32_MAX };

		spin_lock(&bcache_order.lock);
		uint64_t due, now;
		while ((due = due_ns()) > (now = clock_monotonic_ns()))
			sleep_on(&bcache_order.behind, &bcache_order.lock, SLEEP_UNINTERRUPTIBLE,
				 due);
		spin_unlock(&bcache_order.lock);
		if (due != 0)
			w.ns = now - AGE_NS;
		pass_begin();
		int error = write_wanted(&w, &count);
		pass_end();
		// Too many that can't be written: not at once again.
		if (error != 0)
			sleep_until(now + AGE_NS, SLEEP_UNINTERRUPTIBLE);
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

void
bcache_write_init(void)
{
	list_init(&bcache_order.dirty_list);
	list_init(&bcache_order.writing_list);
	waitqueue_init(&bcache_order.written, "disk write");
	waitqueue_init(&bcache_order.turn, "turn to write");
	waitqueue_init(&bcache_order.behind, "something to write");
	waitqueue_init(&run_done, "disk write");
}
