// SPDX-License-Identifier: MIT
/*
 * The RAM disk: the image that QEMU's -initrd put into memory, as ram0.
 *
 * It stands in for a disk where a run must repeat to the instruction: nothing
 * about it depends on the host.  With the boot argument ramdisk.delay_us=N each
 * request takes N microseconds of the machine's time, or up to a granule of the
 * timers more (sched/timeout.h), and as many are in flight as are submitted;
 * without it a request completes at once.
 *
 *   1. The bytes move when the request completes, not when it is submitted, so
 *      that whoever uses them too early sees what was there before.
 *   2. Requests complete in the order in which they came: all take the same
 *      time.
 */
#include "abi/errno.h"
#include "arch/layout.h"
#include "arch/time.h"
#include "block/blockdev.h"
#include "dev/dev.h"
#include "lib/bootargs.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/memory.h"
#include "sched/clock.h"
#include "sched/timer.h"

#define DELAY_MAX_US 10000000 // ten seconds

static struct lock_class ramdisk_class = LOCK_CLASS("ramdisk", RANK_DRIVER);

/*
 *   I  fixed by ramdisk_init()
 *   r  lock
 */
static struct {
	struct blockdev dev;
	char *bytes;          // [I]
	uint64_t delay_ns;    // [I]
	struct spinlock lock; // r
	struct list pending;  // [r] requests; driver is when each is due
	struct timeout timer; // [r] pending while there are requests
} ramdisk;

// A request's driver pointer holds the time at which it is due.
static uint64_t
due_time(const struct list *l)
{
	return (uint64_t)container_of(l, struct block_request, link)->driver;
}

static void
move_bytes(const struct block_request *r)
{
	char *at = ramdisk.bytes + r->block * BLOCK_SIZE;

	if (r->op == BLOCK_FLUSH)
		return;
	for (unsigned i = 0; i < r->count; i++, at += BLOCK_SIZE) {
		if (r->op == BLOCK_READ)
			memcpy(r->data[i], at, BLOCK_SIZE);
		else
			memcpy(at, r->data[i], BLOCK_SIZE);
	}
}

static void
complete(struct block_request *r)
{
	move_bytes(r);
	r->error = 0;
	block_complete(r);
}

static void
ramdisk_timer(void *arg)
{
	struct list done = LIST_INIT(done);
	uint64_t now = clock_monotonic_ns();
	struct list *l;

	(void)arg;
	spin_lock(&ramdisk.lock);
	while (!list_empty(&ramdisk.pending) && due_time(ramdisk.pending.next) <= now) {
		l = list_pop_front(&ramdisk.pending);
		list_push_back(&done, l);
	}
	if (!list_empty(&ramdisk.pending))
		timer_set(&ramdisk.timer, due_time(ramdisk.pending.next));
	spin_unlock(&ramdisk.lock);
	while ((l = list_pop_front(&done)) != NULL)
		complete(container_of(l, struct block_request, link));
}

static void
ramdisk_submit(struct blockdev *dev, struct block_request *r)
{
	(void)dev;
	if (ramdisk.delay_ns == 0) {
		complete(r);
		return;
	}
	spin_lock(&ramdisk.lock);
	r->driver = (void *)(clock_monotonic_ns() + ramdisk.delay_ns);
	bool first = list_empty(&ramdisk.pending);
	list_push_back(&ramdisk.pending, &r->link);
	if (first)
		timer_set(&ramdisk.timer, due_time(&r->link));
	spin_unlock(&ramdisk.lock);
}

static const struct blockdev_ops ramdisk_ops = {
	.submit = ramdisk_submit,
};

void
ramdisk_init(void)
{
	paddr_t base;
	uint64_t size;

	memory_initrd(&base, &size);
	if (size == 0)
		return;
	uint64_t delay_us = bootargs_number("ramdisk.delay_us", 0);
	if (delay_us > DELAY_MAX_US) {
		print_warn("ramdisk.delay_us=%llu is more than %d; using that",
			   (unsigned long long)delay_us, DELAY_MAX_US);
		delay_us = DELAY_MAX_US;
	}
	ramdisk.bytes = phys_to_virt(base);
	ramdisk.delay_ns = delay_us * NS_PER_US;
	spin_init(&ramdisk.lock, &ramdisk_class);
	list_init(&ramdisk.pending);
	timer_setup(&ramdisk.timer, ramdisk_timer, NULL);
	string_copy(ramdisk.dev.name, "ram0", sizeof(ramdisk.dev.name));
	ramdisk.dev.blocks = size >> BLOCK_SHIFT;
	ramdisk.dev.can_flush = true;
	ramdisk.dev.ops = &ramdisk_ops;
	int error = blockdev_register(&ramdisk.dev);
	if (error != 0)
		print_error("ram0: not registered (error %d)", -error);
	else
		print("ram0: %llu KiB from the initrd, %llu us a request",
		      (unsigned long long)(size >> 10), (unsigned long long)delay_us);
}
