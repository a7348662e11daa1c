// SPDX-License-Identifier: MIT
#include "fakes/disk.h"

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/errno.h"
#include "block/buf.h"
#include "fakes/failure_impl.h"
#include "fakes/fake.h"
#include "mm/page.h"

#define HELD_LIMIT 64
#define GARBAGE    0xdb

static struct lock_class buffer_class = LOCK_CLASS("buffer", RANK_BUFFER);

static struct blockdev dev;
static uint8_t *disk;
static size_t disk_size;
static struct buf *held[HELD_LIMIT];
static unsigned held_count;
static uint64_t writes;
static uint64_t *files; // by block
static struct failure failure;
static bool fail_writes;
static bool damaged;

enum { DIRTY = 1, FORGOTTEN = 2 };

void
fake_disk_make(uint64_t blocks)
{
	fake_disk_free();
	disk_size = blocks * BLOCK_SIZE;
	disk = mmap(NULL, disk_size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(disk != MAP_FAILED);
	files = calloc(blocks, sizeof(*files));
	CHECK(files);
	dev = (struct blockdev){ .name = "disk", .serial = "root", .blocks = blocks };
	writes = 0;
	damaged = fail_writes = false;
	failure_set(&failure, 0, false);
}

void
fake_disk_free(void)
{
	CHECK_EQ(held_count, 0);
	if (disk)
		munmap(disk, disk_size);
	disk = NULL;
	free(files);
	files = NULL;
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
	CHECK(fread(disk, 1, disk_size, f) == disk_size);
	fclose(f);
}

void
fake_disk_save(const char *path)
{
	FILE *f = fopen(path, "wb");

	CHECK(f && fwrite(disk, 1, disk_size, f) == disk_size);
	CHECK(fclose(f) == 0);
}

uint8_t *
fake_disk_block(uint64_t block)
{
	CHECK(block < disk_size / BLOCK_SIZE);
	return disk + block * BLOCK_SIZE;
}

uint64_t
fake_disk_blocks(void)
{
	return dev.blocks;
}

void
fake_disk_set_blocks(uint64_t blocks)
{
	dev.blocks = blocks;
}

void
fake_disk_set_read_only(bool read_only)
{
	dev.read_only = read_only;
}

unsigned
fake_disk_held(void)
{
	return held_count;
}

uint64_t
fake_disk_file_of(uint64_t block)
{
	CHECK(block < disk_size / BLOCK_SIZE);
	return files[block];
}

uint64_t
fake_disk_writes(void)
{
	return writes;
}

void
fake_disk_fail(uint64_t n)
{
	failure_set(&failure, n, false);
}

void
fake_disk_fail_all(uint64_t n)
{
	failure_set(&failure, n, true);
}

uint64_t
fake_disk_asked(void)
{
	return failure.asked;
}

void
fake_disk_fail_writes(bool fail)
{
	fail_writes = fail;
}

void
fake_disk_expect_damage(void)
{
	damaged = true;
}

struct blockdev *
blockdev_find(const char *name)
{
	if (strcmp(name, dev.name) != 0 && strcmp(name, dev.serial) != 0)
		return NULL;
	return &dev;
}

// The buffer of a block that somebody holds, or NULL.
static struct buf *
find_held(uint64_t block)
{
	for (unsigned i = 0; i < held_count; i++)
		if (held[i]->block == block && !(held[i]->state & FORGOTTEN))
			return held[i];
	return NULL;
}

static int
buf_make(struct blockdev *d, uint64_t block, enum buf_mode mode, struct buf **out)
{
	struct page *page = page_alloc_block(1, 0);
	struct buf *b;

	if (!page)
		return -ENOMEM;
	__asan_poison_memory_region(page_to_virt(page + 1), PAGE_SIZE);
	b = calloc(1, sizeof(*b));
	CHECK(b && held_count < HELD_LIMIT);
	b->page = page;
	b->data = page_to_virt(page);
	b->dev = d;
	b->block = block;
	mutex_init(&b->lock, &buffer_class);
	memcpy(b->data, fake_disk_block(block), BLOCK_SIZE);
	held[held_count++] = b;
	if (mode == BUF_ZERO) {
		memset(b->data, 0, BLOCK_SIZE);
		b->state = DIRTY;
	}
	*out = b;
	return 0;
}

int
buf_get(struct blockdev *d, uint64_t block, enum buf_mode mode, struct buf **out)
{
	struct buf *b;
	int error;

	CHECK_EQ(d, &dev);
	assert_may_sleep("buf_get");
	if (block >= dev.blocks)
		check_fail("buf_get", 0, "block %llu of %llu", (unsigned long long)block,
			   (unsigned long long)dev.blocks);
	if (failure_now(&failure))
		return -EIO;
	b = find_held(block);
	if (!b && mode == BUF_PEEK)
		return -ENOENT;
	if (!b) {
		error = buf_make(d, block, mode, &b);
		if (error)
			return error;
	} else if (mode == BUF_ZERO) {
		CHECK(damaged);
		memset(b->data, 0, BLOCK_SIZE);
		b->state |= DIRTY;
	}
	b->refs++;
	*out = b;
	return 0;
}

static void
write_back(struct buf *b)
{
	CHECK(!dev.read_only);
	memcpy(fake_disk_block(b->block), b->data, BLOCK_SIZE);
	b->state &= ~(uint32_t)DIRTY;
	files[b->block] = b->file;
	writes++;
}

void
buf_put(struct buf *b)
{
	uint8_t *stable = fake_disk_block(b->block);
	unsigned i = 0;

	while (i < held_count && held[i] != b)
		i++;
	CHECK(i < held_count && b->refs > 0);
	if (--b->refs > 0)
		return;
	held[i] = held[--held_count];
	if (!(b->state & FORGOTTEN)) {
		if (memcmp(stable, b->data, BLOCK_SIZE) != 0 && !(b->state & DIRTY))
			check_fail("buf_put", 0, "block %llu was changed but isn't dirty",
				   (unsigned long long)b->block);
		if (b->state & DIRTY)
			write_back(b);
	}
	page_put(b->page + 1);
	page_put(b->page);
	free(b);
}

void
buf_mark_dirty(struct buf *b)
{
	CHECK(b->refs > 0);
	b->state |= DIRTY;
}

int
buf_write(struct buf *b)
{
	CHECK(b->refs > 0);
	if (fail_writes)
		return -EIO;
	write_back(b);
	return 0;
}

int
buf_sync(struct blockdev *d)
{
	int error = 0;

	CHECK_EQ(d, &dev);
	for (unsigned i = 0; i < held_count && !error; i++)
		if (held[i]->state & DIRTY && !(held[i]->state & FORGOTTEN))
			error = buf_write(held[i]);
	return fail_writes ? -EIO : error;
}

void
buf_forget(struct blockdev *d, uint64_t block)
{
	struct buf *b = find_held(block);

	CHECK_EQ(d, &dev);
	CHECK(!b || damaged);
	if (b)
		b->state |= FORGOTTEN;
	memset(fake_disk_block(block), GARBAGE, BLOCK_SIZE);
}

void
buf_drop(struct blockdev *d)
{
	CHECK_EQ(d, &dev);
	CHECK_EQ(held_count, 0);
}
