// SPDX-License-Identifier: MIT
#include "fakes/slow_disk.h"

#include <string.h>

#include "abi/errno.h"
#include "fakes/threads.h"

void *calloc(size_t count, size_t size);

#define LOG_MAX       65536
#define IN_FLIGHT_MAX 256

struct block_state {
	unsigned fail_reads;
	unsigned fail_writes;
};

static struct blockdev dev;
static uint8_t *bytes;
static struct block_state *blocks;
static uint64_t written[LOG_MAX];
static uint64_t reads, writes, write_requests, flushes;
static struct block_request *flying[IN_FLIGHT_MAX];
static unsigned flying_count;

static bool
overlap(const struct block_request *a, const struct block_request *b)
{
	return a->block < b->block + b->count && b->block < a->block + a->count &&
	       (a->op == BLOCK_WRITE || b->op == BLOCK_WRITE) && a->op != BLOCK_FLUSH &&
	       b->op != BLOCK_FLUSH;
}

static bool
fails(unsigned *left)
{
	if (*left == 0)
		return false;
	--*left;
	return true;
}

static void
transfer(struct block_request *r)
{
	for (unsigned i = 0; i < r->count; i++) {
		struct block_state *b = &blocks[r->block + i];
		if (fails(r->op == BLOCK_READ ? &b->fail_reads : &b->fail_writes)) {
			r->error = -EIO;
			return;
		}
		uint8_t *at = bytes + (r->block + i) * BLOCK_SIZE;
		if (r->op == BLOCK_READ)
			memcpy(r->data[i], at, BLOCK_SIZE);
		else
			memcpy(at, r->data[i], BLOCK_SIZE);
	}
}

static void
end(void *arg)
{
	struct block_request *r = arg;
	unsigned i = 0;

	while (flying[i] != r)
		i++;
	flying[i] = flying[--flying_count];
	r->error = 0;
	if (r->op != BLOCK_FLUSH)
		transfer(r);
	block_complete(r);
}

static void
submit(struct blockdev *d, struct block_request *r)
{
	(void)d;
	for (unsigned i = 0; i < flying_count; i++)
		if (overlap(flying[i], r))
			check_fail("disk", 0, "blocks at %lu and at %lu at the same time",
				   (unsigned long)flying[i]->block, (unsigned long)r->block);
	CHECK(flying_count < IN_FLIGHT_MAX);
	flying[flying_count++] = r;
	if (r->op == BLOCK_READ) {
		reads += r->count;
	} else if (r->op == BLOCK_FLUSH) {
		flushes++;
	} else {
		write_requests++;
		for (unsigned i = 0; i < r->count; i++)
			written[writes++ % LOG_MAX] = r->block + i;
	}
	fake_event(SLOW_DISK_NS + fake_random(SLOW_DISK_NS), end, r);
}

struct blockdev *
slow_disk_make(uint64_t count)
{
	static const struct blockdev_ops ops = { .submit = submit };

	bytes = calloc(count, BLOCK_SIZE);
	blocks = calloc(count, sizeof *blocks);
	CHECK(bytes != NULL && blocks != NULL);
	for (uint64_t i = 0; i < count; i++)
		memset(bytes + i * BLOCK_SIZE, (int)(i & 0xff), BLOCK_SIZE);
	dev = (struct blockdev){ .name = "slow", .blocks = count, .can_flush = true, .ops = &ops };
	CHECK_EQ(blockdev_register(&dev), 0);
	return &dev;
}

uint8_t *
slow_disk_block(uint64_t block)
{
	return bytes + block * BLOCK_SIZE;
}

void
slow_disk_fail_reads(uint64_t block, unsigned n)
{
	blocks[block].fail_reads = n;
}

void
slow_disk_fail_writes(uint64_t block, unsigned n)
{
	blocks[block].fail_writes = n;
}

uint64_t
slow_disk_reads(void)
{
	return reads;
}

uint64_t
slow_disk_writes(void)
{
	return writes;
}

uint64_t
slow_disk_write_requests(void)
{
	return write_requests;
}

uint64_t
slow_disk_flushes(void)
{
	return flushes;
}

unsigned
slow_disk_in_flight(void)
{
	return flying_count;
}

uint64_t
slow_disk_written(uint64_t i)
{
	CHECK(i < writes);
	return written[i % LOG_MAX];
}
