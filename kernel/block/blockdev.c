// SPDX-License-Identifier: MIT
/*
 * Block devices: the table of them, and the door that every request passes.
 *
 * Drivers see checked requests only, and all counting is done here, above the
 * drivers and below the cache:
 *
 *   1. A request's done() is called exactly once, with interrupts off, whether
 *      the driver ends it or it is refused here.
 *   2. Devices never go away, so a pointer to one is good for ever, and the
 *      list can be read without its lock.
 *   3. A waiter's queue lies on its own stack.  The guard is shared by all
 *      waiters and outlives them; once the waiter has it again nobody else
 *      touches the stack.
 */
#include "block/blockdev.h"

#include "abi/errno.h"
#include "abi/sysmacros.h"
#include "arch/hart.h"
#include "arch/time.h"
#include "lib/kstat.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/string.h"
#include "sched/clock.h"
#include "sched/sleep.h"

#define BLOCKDEV_MAX   64
#define BLOCKDEV_MAJOR 254 // Linux has its local and experimental devices there

// How long a request may take before the log says so, each time anew.
#define SLOW_NS (10 * NS_PER_SEC)

static struct lock_class table_class = LOCK_CLASS("blockdev-table", RANK_BLOCK);
static struct lock_class wait_class = LOCK_CLASS("block-wait", RANK_WAIT);

/*
 *   t  lock, to be changed
 */
static struct {
	struct spinlock lock; // t
	unsigned count;       // [t]
	struct blockdev *dev[BLOCKDEV_MAX];
} table = { .lock = SPINLOCK_INIT(&table_class) };

static struct spinlock wait_guard = SPINLOCK_INIT(&wait_class);

// ---- The table ---------------------------------------------------------------

int
blockdev_register(struct blockdev *dev)
{
	int error = 0;

	spin_lock(&table.lock);
	unsigned n = table.count;
	if (n < BLOCKDEV_MAX) {
		dev->id = (uint32_t)makedev(BLOCKDEV_MAJOR, n);
		table.dev[n] = dev;
		__atomic_store_n(&table.count, n + 1, __ATOMIC_RELEASE);
	} else {
		error = -ENOSPC;
	}
	spin_unlock(&table.lock);
	return error;
}

struct blockdev *
blockdev_at(unsigned i)
{
	return i < __atomic_load_n(&table.count, __ATOMIC_ACQUIRE) ? table.dev[i] : NULL;
}

struct blockdev *
blockdev_find(const char *name_or_serial)
{
	struct blockdev *dev;

	if (*name_or_serial == '\0')
		return NULL;
	for (unsigned i = 0; (dev = blockdev_at(i)) != NULL; i++)
		if (strcmp(dev->name, name_or_serial) == 0)
			return dev;
	for (unsigned i = 0; (dev = blockdev_at(i)) != NULL; i++)
		if (strcmp(dev->serial, name_or_serial) == 0)
			return dev;
	return NULL;
}

struct blockdev *
blockdev_by_id(uint32_t id)
{
	struct blockdev *dev;

	for (unsigned i = 0; (dev = blockdev_at(i)) != NULL; i++)
		if (dev->id == id)
			return dev;
	return NULL;
}

// ---- Requests ----------------------------------------------------------------

static const char *
op_name(enum block_op op)
{
	switch (op) {
	case BLOCK_READ:
		return "read";
	case BLOCK_WRITE:
		return "write";
	default:
		return "flush";
	}
}

static int
check(const struct blockdev *dev, const struct block_request *r)
{
	if (r->op == BLOCK_FLUSH)
		return 0;
	if ((r->op != BLOCK_READ && r->op != BLOCK_WRITE) || r->count == 0 ||
	    r->count > BLOCK_REQUEST_MAX || r->block >= dev->blocks ||
	    r->count > dev->blocks - r->block)
		return -EINVAL;
	for (unsigned i = 0; i < r->count; i++)
		if (r->data[i] == NULL || (uint64_t)r->data[i] % BLOCK_SIZE != 0)
			return -EINVAL;
	return r->op == BLOCK_WRITE && dev->read_only ? -EROFS : 0;
}

static void
count_submit(struct blockdev *dev, const struct block_request *r)
{
	static const enum kstat stats[] = {
		[BLOCK_READ] = KSTAT_DISK_READS,
		[BLOCK_WRITE] = KSTAT_DISK_WRITES,
		[BLOCK_FLUSH] = KSTAT_DISK_FLUSHES,
	};
	uint32_t now = __atomic_add_fetch(&dev->in_flight, 1, __ATOMIC_RELAXED);
	uint32_t max = __atomic_load_n(&dev->in_flight_max, __ATOMIC_RELAXED);

	while (now > max && !__atomic_compare_exchange_n(&dev->in_flight_max, &max, now, false,
							 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	__atomic_fetch_add(&dev->requests, 1, __ATOMIC_RELAXED);
	kstat_add(stats[r->op], r->op == BLOCK_FLUSH ? 1 : r->count);
}

static void
end(struct block_request *r)
{
	intr_push();
	r->done(r);
	intr_pop();
}

void
block_submit(struct blockdev *dev, struct block_request *r)
{
	r->dev = dev;
	r->error = check(dev, r);
	if (r->error != 0 || (r->op == BLOCK_FLUSH && !dev->can_flush)) {
		end(r);
		return;
	}
	count_submit(dev, r);
	dev->ops->submit(dev, r);
}

void
block_complete(struct block_request *r)
{
	struct blockdev *dev = r->dev;

	__atomic_fetch_sub(&dev->in_flight, 1, __ATOMIC_RELAXED);
	if (r->error != 0) {
		kstat_inc(KSTAT_DISK_ERRORS);
		print_limited(PRINT_ERROR, "%s: %s of %u blocks at %llu failed (error %d)",
			      dev->name, op_name(r->op), r->op == BLOCK_FLUSH ? 0 : r->count,
			      (unsigned long long)r->block, -r->error);
	}
	end(r);
}

// ---- Waiting for one ---------------------------------------------------------

struct waiter {
	bool done; // [wait_guard]
	struct waitqueue queue;
};

static void
wake_waiter(struct block_request *r)
{
	struct waiter *w = r->arg;

	spin_lock(&wait_guard);
	w->done = true;
	wake_all(&w->queue);
	spin_unlock(&wait_guard);
}

int
block_submit_wait(struct blockdev *dev, struct block_request *r)
{
	struct waiter w = { .done = false };

	waitqueue_init(&w.queue, "disk");
	r->done = wake_waiter;
	r->arg = &w;
	block_submit(dev, r);
	spin_lock(&wait_guard);
	while (!w.done) {
		uint64_t deadline = clock_monotonic_ns() + SLOW_NS;
		if (sleep_on(&w.queue, &wait_guard, SLEEP_UNINTERRUPTIBLE, deadline) == -ETIMEDOUT)
			print_warn("%s: a %s at block %llu takes longer than %llu s", dev->name,
				   op_name(r->op), (unsigned long long)r->block,
				   (unsigned long long)(SLOW_NS / NS_PER_SEC));
	}
	spin_unlock(&wait_guard);
	return r->error;
}

int
block_flush(struct blockdev *dev)
{
	struct block_request r = { .op = BLOCK_FLUSH };

	return block_submit_wait(dev, &r);
}
