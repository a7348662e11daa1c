// SPDX-License-Identifier: MIT
// kernel: block/blockdev.c lib/kstat.c
// fakes: lock.c sleep.c time.c print.c
/*
 * The door to block devices: what is let through, what is refused, what is
 * counted.
 */
#include "block/blockdev.h"

#include "abi/errno.h"
#include "arch/hart.h"
#include "check.h"
#include "fakes/fake.h"
#include "lib/kstat.h"
#include "lib/string.h"

static struct block_request *submitted[8]; // what the driver was given
static unsigned submissions;
static unsigned completions;
static bool at_once; // the driver completes before submit returns

static _Alignas(BLOCK_SIZE) char memory[BLOCK_REQUEST_MAX + 1][BLOCK_SIZE];

static void
driver_submit(struct blockdev *dev, struct block_request *r)
{
	CHECK(r->dev == dev);
	submitted[submissions++ % 8] = r;
	if (at_once)
		block_complete(r);
}

static const struct blockdev_ops driver = { .submit = driver_submit };

static void
done(struct block_request *r)
{
	(void)r;
	CHECK(!intr_enabled());
	completions++;
}

static struct blockdev *
make_device(const char *name)
{
	static struct blockdev devices[80];
	static unsigned made;
	struct blockdev *dev = &devices[made++];

	string_copy(dev->name, name, sizeof(dev->name));
	dev->blocks = 100;
	dev->can_flush = true;
	dev->ops = &driver;
	CHECK_EQ(blockdev_register(dev), 0);
	return dev;
}

static struct block_request
request(enum block_op op, uint64_t block, unsigned count)
{
	struct block_request r = { .op = op, .block = block, .count = count, .done = done };

	for (unsigned i = 0; i < count && i < BLOCK_REQUEST_MAX; i++)
		r.data[i] = memory[i];
	return r;
}

static int
refused(struct blockdev *dev, struct block_request r)
{
	unsigned before = completions;

	block_submit(dev, &r);
	CHECK_EQ(submissions, 0);
	CHECK_EQ(completions, before + 1);
	CHECK_EQ(dev->in_flight, 0);
	CHECK(intr_enabled());
	return r.error;
}

TEST(devices_are_found_by_name_serial_and_number)
{
	struct blockdev *a = make_device("vda");
	struct blockdev *b = make_device("vdb");

	string_copy(b->serial, "root", sizeof(b->serial));
	CHECK_EQ(blockdev_find("vda"), a);
	CHECK_EQ(blockdev_find("root"), b);
	CHECK_EQ(blockdev_find(""), NULL); // a has the serial "": it has none
	CHECK_EQ(blockdev_find("vdc"), NULL);
	CHECK_EQ(blockdev_at(0), a);
	CHECK_EQ(blockdev_at(1), b);
	CHECK_EQ(blockdev_at(2), NULL);
	CHECK(a->id != b->id);
	CHECK_EQ(blockdev_by_id(a->id), a);
	CHECK_EQ(blockdev_by_id(b->id), b);
	CHECK_EQ(blockdev_by_id(a->id + 50), NULL);
}

TEST(a_name_goes_before_another_ones_serial)
{
	struct blockdev *a = make_device("vda");
	struct blockdev *b = make_device("vdb");

	string_copy(a->serial, "vdb", sizeof(a->serial));
	CHECK_EQ(blockdev_find("vdb"), b);
}

TEST(too_many_devices_are_refused)
{
	struct blockdev one_more = { .ops = &driver };

	for (unsigned i = 0; i < 64; i++)
		make_device("vd");
	CHECK_EQ(blockdev_register(&one_more), -ENOSPC);
}

TEST(requests_out_of_range_are_refused)
{
	struct blockdev *dev = make_device("vda");

	CHECK_EQ(refused(dev, request(BLOCK_READ, 100, 1)), -EINVAL);
	CHECK_EQ(refused(dev, request(BLOCK_READ, 99, 2)), -EINVAL);
	CHECK_EQ(refused(dev, request(BLOCK_READ, UINT64_MAX, 2)), -EINVAL);
	CHECK_EQ(refused(dev, request(BLOCK_READ, 0, 0)), -EINVAL);
	CHECK_EQ(refused(dev, request(BLOCK_READ, 0, BLOCK_REQUEST_MAX + 1)), -EINVAL);
	CHECK_EQ(refused(dev, request((enum block_op)7, 0, 1)), -EINVAL);
	struct block_request r = request(BLOCK_WRITE, 0, 3);
	r.data[2] = memory[2] + 512;
	CHECK_EQ(refused(dev, r), -EINVAL);
	r.data[2] = NULL;
	CHECK_EQ(refused(dev, r), -EINVAL);
	dev->read_only = true;
	CHECK_EQ(refused(dev, request(BLOCK_WRITE, 0, 1)), -EROFS);
	CHECK_EQ(kstat_read(KSTAT_DISK_READS) + kstat_read(KSTAT_DISK_WRITES), 0);
}

TEST(good_requests_reach_the_driver_and_are_counted)
{
	struct blockdev *dev = make_device("vda");
	struct block_request r = request(BLOCK_READ, 99, 1);
	struct block_request w = request(BLOCK_WRITE, 0, BLOCK_REQUEST_MAX);

	block_submit(dev, &r);
	CHECK_EQ(dev->in_flight_max, 1);
	block_submit(dev, &w);
	CHECK_EQ(submissions, 2);
	CHECK_EQ(dev->in_flight, 2);
	CHECK_EQ(completions, 0);
	block_complete(&w);
	block_complete(&r);
	CHECK_EQ(completions, 2);
	CHECK_EQ(dev->in_flight, 0);
	CHECK_EQ(dev->in_flight_max, 2);
	CHECK_EQ(dev->requests, 2);
	CHECK_EQ(kstat_read(KSTAT_DISK_READS), 1);
	CHECK_EQ(kstat_read(KSTAT_DISK_WRITES), BLOCK_REQUEST_MAX);
	CHECK_EQ(kstat_read(KSTAT_DISK_ERRORS), 0);
}

TEST(an_error_is_counted_and_said)
{
	struct blockdev *dev = make_device("vda");
	struct block_request r = request(BLOCK_READ, 42, 3);

	fake_time_set(5);
	block_submit(dev, &r);
	r.error = -EIO;
	block_complete(&r);
	CHECK_EQ(completions, 1);
	CHECK_EQ(r.error, -EIO);
	CHECK_EQ(kstat_read(KSTAT_DISK_ERRORS), 1);
	CHECK_STRING(fake_print_text(), "0: vda: read of 3 blocks at 42 failed (error 5)\n");
}

TEST(a_device_without_a_cache_needs_no_flush)
{
	struct blockdev *dev = make_device("vda");

	at_once = true;
	CHECK_EQ(block_flush(dev), 0);
	CHECK_EQ(submissions, 1);
	CHECK_EQ(kstat_read(KSTAT_DISK_FLUSHES), 1);
	dev->can_flush = false;
	CHECK_EQ(block_flush(dev), 0);
	CHECK_EQ(submissions, 1);
	CHECK_EQ(kstat_read(KSTAT_DISK_FLUSHES), 1);
}

TEST(waiting_gives_the_requests_error)
{
	struct blockdev *dev = make_device("vda");
	struct block_request r = request(BLOCK_READ, 100, 1);

	at_once = true;
	CHECK_EQ(block_submit_wait(dev, &r), -EINVAL);
	r = request(BLOCK_READ, 1, 1);
	CHECK_EQ(block_submit_wait(dev, &r), 0);
	CHECK_EQ(fake_locks_held(), 0);
}
