// SPDX-License-Identifier: MIT
/*
 * fakes/disk.h once more, as a block device under the kernel's buffer cache:
 * requests end at once, in submit().  The cache has room for few buffers, and no
 * thread writes behind.  What is for disk.c's own checks is not there.
 */
#include "fakes/disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/errno.h"
#include "block/bcache.h"
#include "fakes/fake.h"
#include "mm/reclaim.h"
#include "sched/thread.h"

#define CACHE_BUFFERS 64

static void submit(struct blockdev *dev, struct block_request *r);

static const struct blockdev_ops ops = { .submit = submit };
static struct blockdev dev = { .name = "disk", .serial = "root", .can_flush = true, .ops = &ops };
static uint8_t *disk;
static uint64_t writes;

static void
submit(struct blockdev *d, struct block_request *r)
{
	CHECK_EQ(d, &dev);
	for (unsigned i = 0; i < r->count && r->op != BLOCK_FLUSH; i++) {
		uint8_t *at = fake_disk_block(r->block + i);

		if (r->op == BLOCK_READ)
			memcpy(r->data[i], at, BLOCK_SIZE);
		else
			memcpy(at, r->data[i], BLOCK_SIZE);
		writes += r->op == BLOCK_WRITE;
	}
	r->error = 0;
	intr_push();
	block_complete(r);
	intr_pop();
}

void
fake_disk_make(uint64_t blocks)
{
	if (!blockdev_at(0)) {
		CHECK_EQ(blockdev_register(&dev), 0);
		CHECK_EQ(bcache_init(CACHE_BUFFERS), 0);
	}
	fake_disk_free();
	disk = calloc(blocks, BLOCK_SIZE);
	CHECK(disk);
	dev.blocks = blocks;
	writes = 0;
}

void
fake_disk_free(void)
{
	CHECK_EQ(fake_disk_held(), 0);
	bcache_drop(&dev);
	free(disk);
	disk = NULL;
}

void
fake_disk_load(const char *path)
{
	FILE *f = fopen(path, "rb");
	long size;

	CHECK(f && fseek(f, 0, SEEK_END) == 0);
	size = ftell(f);
	rewind(f);
	fake_disk_make((uint64_t)size / BLOCK_SIZE);
	CHECK(fread(disk, BLOCK_SIZE, dev.blocks, f) == dev.blocks);
	fclose(f);
}

void
fake_disk_save(const char *path)
{
	FILE *f = fopen(path, "wb");

	CHECK(f && fwrite(disk, BLOCK_SIZE, dev.blocks, f) == dev.blocks);
	CHECK(fclose(f) == 0);
}

uint8_t *
fake_disk_block(uint64_t block)
{
	CHECK(block < dev.blocks);
	return disk + block * BLOCK_SIZE;
}

uint64_t
fake_disk_blocks(void)
{
	return dev.blocks;
}

unsigned
fake_disk_held(void)
{
	struct bcache_counts counts;

	bcache_count(&counts);
	return counts.referenced;
}

uint64_t
fake_disk_writes(void)
{
	return writes;
}

// ---- What the cache asks of others ---------------------------------------------

void
reclaim_register(const char *name, reclaim_fn fn)
{
	(void)name;
	(void)fn;
}

int
thread_create(const char *name, struct proc *proc, void (*entry)(void *), void *arg,
	      struct thread **out)
{
	(void)name, (void)proc, (void)entry, (void)arg, (void)out;
	return -ENOMEM;
}

void
thread_start(struct thread *t)
{
	(void)t;
}

void
thread_put(struct thread *t)
{
	(void)t;
}

int
sleep_until(uint64_t deadline, enum sleep_flags flags)
{
	(void)flags;
	fake_time_set(deadline);
	return 0;
}
