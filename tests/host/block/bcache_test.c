// SPDX-License-Identifier: MIT
/*
 * The buffer cache against a disk that takes its time, with threads from a seed.
 */
// kernel: block/bcache.c block/bcache_order.c block/bcache_write.c block/buf.c
// kernel: block/blockdev.c lib/random.c lib/kstat.c lock/rank.c
// kernel: sync/sleeplock.c sync/rwlock.c sync/mutex.c
// fakes: threads.c slow_disk.c time.c heap.c page.c print.c
#include "block/bcache.h"

#include "abi/errno.h"
#include "fakes/fake.h"
#include "fakes/slow_disk.h"
#include "fakes/threads.h"
#include "lib/kstat.h"
#include "lib/math.h"
#include "lib/string.h"
#include "mm/page.h"
#include "mm/reclaim.h"

#define SEEDS 60

void
reclaim_register(const char *name, reclaim_fn fn)
{
	(void)name;
	(void)fn;
}

static struct blockdev *disk;

static void
begin(unsigned buffers, uint64_t blocks)
{
	CHECK_EQ(bcache_init(buffers), 0);
	disk = slow_disk_make(blocks);
}

static struct buf *
get(uint64_t block)
{
	struct buf *b;

	CHECK_EQ(buf_get(disk, block, BUF_READ, &b), 0);
	CHECK_EQ(b->block, block);
	return b;
}

static void
touch(uint64_t block)
{
	buf_put(get(block));
}

static void
fill(uint64_t block, uint8_t byte)
{
	struct buf *b = get(block);

	memset(b->data, byte, BLOCK_SIZE);
	buf_mark_dirty(b);
	buf_put(b);
}

static struct bcache_counts
counts(void)
{
	struct bcache_counts c;

	bcache_count(&c);
	return c;
}

// ---- Finding -----------------------------------------------------------------

static void
one_copy(void)
{
	struct buf *other;

	begin(8, 16);
	struct buf *b = get(3);
	CHECK_EQ(b->data[0], 3);
	CHECK_EQ(b->data[BLOCK_SIZE - 1], 3);
	CHECK_EQ(buf_get(disk, 3, BUF_READ, &other), 0);
	CHECK_EQ(other, b);
	buf_put(other);
	buf_put(b);
	CHECK_EQ(get(3), b);
	buf_put(b);
	CHECK_EQ(slow_disk_reads(), 1);
	CHECK_EQ(kstat_read(KSTAT_BUF_HITS), 2);
	CHECK_EQ(kstat_read(KSTAT_BUF_MISSES), 1);
	CHECK_EQ(counts().referenced, 0);
}

TEST(there_is_one_copy_of_a_block)
{
	fake_threads_begin(1);
	one_copy();
}

TEST(zero_reads_nothing_and_peek_brings_nothing)
{
	struct buf *b;

	fake_threads_begin(1);
	begin(8, 16);
	CHECK_EQ(buf_get(disk, 5, BUF_PEEK, &b), -ENOENT);
	CHECK_EQ(counts().buffers, 0);
	CHECK_EQ(buf_get(disk, 5, BUF_ZERO, &b), 0);
	CHECK_EQ(b->data[0], 0);
	CHECK_EQ(slow_disk_reads(), 0);
	buf_put(b);
	CHECK_EQ(buf_get(disk, 5, BUF_PEEK, &b), 0);
	memset(b->data, 9, BLOCK_SIZE);
	buf_put(b);
	CHECK_EQ(buf_get(disk, 5, BUF_ZERO, &b), 0);
	CHECK_EQ(b->data[100], 0);
	buf_put(b);
	CHECK_EQ(buf_get(disk, 16, BUF_READ, &b), -EIO);
	CHECK_EQ(slow_disk_reads(), 0);
}

// ---- Who goes ----------------------------------------------------------------

#define LRU_BUFFERS 32

// The textbook: blocks in order of last use.
struct oracle {
	uint64_t block[LRU_BUFFERS];
	unsigned count;
	uint64_t reads;
};

static void
oracle_touch(struct oracle *o, uint64_t block)
{
	unsigned i = 0;

	while (i < o->count && o->block[i] != block)
		i++;
	if (i == o->count) {
		o->reads++;
		if (o->count == LRU_BUFFERS)
			i = 0;
		else
			o->count++;
	}
	for (; i + 1 < o->count; i++)
		o->block[i] = o->block[i + 1];
	o->block[o->count - 1] = block;
}

static void
lru_trace(void)
{
	struct oracle o = { .count = 0 };

	begin(LRU_BUFFERS, 256);
	for (unsigned i = 0; i < 3000; i++) {
		// A working set that fits, one that doesn't, and a scan.
		uint64_t part = i / 500 % 3;
		uint64_t block = part == 0   ? fake_random(24)
				 : part == 1 ? fake_random(64)
					     : i % 100;
		struct buf *b = get(block);
		// To be dirty for a while takes none out of turn.
		if (fake_random(4) == 0) {
			buf_mark_dirty(b);
			CHECK_EQ(buf_write(b), 0);
		}
		buf_put(b);
		oracle_touch(&o, block);
		CHECK_EQ(slow_disk_reads(), o.reads);
	}
	CHECK_EQ(counts().buffers, LRU_BUFFERS);
	CHECK_EQ(kstat_read(KSTAT_BUF_EVICTIONS), o.reads - LRU_BUFFERS);
}

TEST(the_one_put_longest_ago_goes)
{
	fake_for_seeds(5, lru_trace);
}

TEST(order_is_of_puts_not_of_gets)
{
	fake_threads_begin(1);
	begin(4, 16);
	struct buf *first = get(0);
	touch(1);
	touch(2);
	buf_put(first);
	touch(3);
	touch(4); // 1 goes
	CHECK_EQ(slow_disk_reads(), 5);
	touch(0);
	touch(2);
	CHECK_EQ(slow_disk_reads(), 5);
	touch(1);
	CHECK_EQ(slow_disk_reads(), 6);
}

TEST(clean_ones_go_before_dirty_ones)
{
	fake_threads_begin(1);
	begin(4, 16);
	fill(0, 77);
	for (uint64_t i = 1; i < 10; i++)
		touch(i);
	CHECK_EQ(slow_disk_writes(), 0);
	uint64_t reads = slow_disk_reads();
	struct buf *b = get(0);
	CHECK_EQ(b->data[0], 77);
	buf_put(b);
	CHECK_EQ(slow_disk_reads(), reads);
}

TEST(what_is_referenced_or_mapped_stays)
{
	fake_threads_begin(1);
	begin(4, 64);
	struct buf *held = get(0), *mapped = get(1);
	struct page *page = mapped->page;
	page_get(page);
	buf_put(mapped);
	for (uint64_t i = 2; i < 30; i++)
		touch(i);
	CHECK_EQ(held->data[0], 0);
	uint64_t reads = slow_disk_reads();
	mapped = get(1);
	CHECK_EQ(mapped->page, page);
	CHECK_EQ(slow_disk_reads(), reads);
	buf_put(mapped);
	page_put(page);
	for (uint64_t i = 30; i < 40; i++)
		touch(i);
	touch(1);
	CHECK_EQ(slow_disk_reads(), reads + 11);
	buf_put(held);
}

TEST(dirty_bytes_survive_eviction)
{
	fake_threads_begin(1);
	begin(8, 128);
	for (uint64_t i = 0; i < 128; i++)
		fill(i, (uint8_t)(i ^ 0x5a));
	for (uint64_t i = 0; i < 128; i++) {
		struct buf *b = get(i);
		CHECK_EQ(b->data[17], i ^ 0x5a);
		buf_put(b);
	}
	CHECK_EQ(counts().buffers, 8);
}

// ---- Several at once ---------------------------------------------------------

static void
get_and_check(void *arg)
{
	uint64_t block = (uint64_t)arg;
	struct buf *b = get(block);

	CHECK_EQ(b->data[5], block & 0xff);
	fake_point();
	buf_put(b);
}

static void
same_block(void)
{
	begin(8, 16);
	for (unsigned i = 0; i < 8; i++)
		fake_thread_run("reader", get_and_check, (void *)7);
	fake_threads_join();
	CHECK_EQ(slow_disk_reads(), 1);
	CHECK_EQ(counts().buffers, 1);
	CHECK_EQ(counts().referenced, 0);
}

TEST(many_who_want_an_absent_block_cause_one_read)
{
	fake_for_seeds(SEEDS, same_block);
}

static void
different_blocks(void)
{
	begin(16, 16);
	for (uint64_t i = 0; i < 8; i++)
		fake_thread_run("reader", get_and_check, (void *)i);
	uint64_t start = time_ns();
	fake_threads_join();
	CHECK_EQ(disk->in_flight_max, 8);
	CHECK(time_ns() - start < 4 * SLOW_DISK_NS);
}

TEST(different_blocks_are_read_at_once)
{
	fake_for_seeds(10, different_blocks);
}

static void
get_failing(void *arg)
{
	struct buf *b;
	unsigned *failed = arg;
	int error = buf_get(disk, 7, BUF_READ, &b);

	if (error == 0)
		buf_put(b);
	else
		++*failed;
	CHECK(error == 0 || error == -EIO);
}

static void
read_error(void)
{
	unsigned failed = 0;

	begin(8, 16);
	slow_disk_fail_reads(7, 1);
	for (unsigned i = 0; i < 6; i++)
		fake_thread_run("reader", get_failing, &failed);
	fake_threads_join();
	// Those who came after the failure read once more, and all had that.
	CHECK(failed >= 1);
	CHECK(slow_disk_reads() <= 2);
	CHECK_EQ(counts().buffers, slow_disk_reads() - 1);
	CHECK_EQ(counts().referenced, 0);
	touch(7);
	CHECK_EQ(slow_disk_reads(), 2);
}

TEST(a_read_error_is_for_all_who_waited_and_is_not_kept)
{
	fake_for_seeds(SEEDS, read_error);
}

// ---- Writing -----------------------------------------------------------------

TEST(many_changes_are_one_write)
{
	fake_threads_begin(1);
	begin(8, 16);
	for (unsigned i = 0; i < 100; i++)
		fill(3, (uint8_t)i);
	CHECK_EQ(counts().dirty, 1);
	CHECK_EQ(slow_disk_writes(), 0);
	CHECK_EQ(buf_sync(disk), 0);
	CHECK_EQ(slow_disk_writes(), 1);
	CHECK_EQ(slow_disk_flushes(), 1);
	CHECK_EQ(slow_disk_block(3)[0], 99);
	CHECK_EQ(counts().dirty, 0);
	CHECK_EQ(buf_sync(disk), 0);
	CHECK_EQ(slow_disk_writes(), 1);
}

static void
sorted_sync(void)
{
	begin(512, 1024);
	for (unsigned i = 0; i < 300; i++)
		fill(fake_random(1024), 1);
	uint64_t dirty = counts().dirty;
	CHECK_EQ(buf_sync(disk), 0);
	CHECK_EQ(slow_disk_writes(), dirty);
	for (uint64_t i = 1; i < dirty; i++)
		CHECK(slow_disk_written(i - 1) < slow_disk_written(i));
	CHECK_EQ(counts().dirty, 0);
}

TEST(writes_are_in_order_of_blocks)
{
	fake_for_seeds(10, sorted_sync);
}

TEST(blocks_in_a_row_are_one_request)
{
	fake_threads_begin(1);
	begin(256, 256);
	for (uint64_t i = 100; i > 0; i--)
		fill(i - 1, 1);
	CHECK_EQ(buf_sync(disk), 0);
	CHECK_EQ(slow_disk_writes(), 100);
	CHECK_EQ(slow_disk_write_requests(), div_round_up(100, BLOCK_REQUEST_MAX));
}

TEST(file_data_goes_before_the_rest)
{
	fake_threads_begin(1);
	begin(64, 64);
	for (uint64_t i = 0; i < 20; i++) {
		uint64_t block = i * 7 % 20;
		struct buf *b = get(block);
		b->file = block % 2 == 0 ? 12 : 0;
		buf_mark_dirty(b);
		buf_put(b);
	}
	CHECK_EQ(buf_sync(disk), 0);
	CHECK_EQ(slow_disk_writes(), 20);
	for (uint64_t i = 0; i < 20; i++)
		CHECK_EQ(slow_disk_written(i), i < 10 ? 2 * i : 2 * (i - 10) + 1);
}

TEST(behind_writes_what_is_five_seconds_old)
{
	fake_threads_begin(1);
	begin(64, 64);
	bcache_start();
	fill(1, 1);
	fake_threads_wait(2 * NS_PER_SEC);
	fill(2, 2);
	fake_threads_wait(2 * NS_PER_SEC);
	CHECK_EQ(slow_disk_writes(), 0);
	fake_threads_wait(2 * NS_PER_SEC);
	CHECK_EQ(slow_disk_writes(), 1);
	CHECK_EQ(slow_disk_written(0), 1);
	fake_threads_wait(2 * NS_PER_SEC);
	CHECK_EQ(slow_disk_writes(), 2);
	CHECK_EQ(counts().dirty, 0);
	fake_threads_wait(20 * NS_PER_SEC);
	CHECK_EQ(slow_disk_writes(), 2);
}

TEST(behind_writes_soon_when_much_is_dirty)
{
	fake_threads_begin(1);
	begin(64, 64);
	bcache_start();
	for (uint64_t i = 0; i < 20; i++)
		fill(i, 1);
	fake_threads_wait(NS_PER_SEC);
	CHECK(counts().dirty <= 16);
	CHECK(slow_disk_writes() >= 4);
}

TEST(write_writes_one_block_now)
{
	fake_threads_begin(1);
	begin(8, 16);
	fill(1, 11);
	fill(2, 22);
	struct buf *b = get(2);
	CHECK_EQ(buf_write(b), 0);
	CHECK_EQ(slow_disk_block(2)[9], 22);
	CHECK_EQ(slow_disk_writes(), 1);
	CHECK_EQ(counts().dirty, 1);
	CHECK_EQ(buf_write(b), 0); // it is clean
	CHECK_EQ(slow_disk_writes(), 1);
	buf_put(b);
}

TEST(a_write_error_is_told_once_and_tried_again)
{
	fake_threads_begin(1);
	begin(8, 16);
	slow_disk_fail_writes(3, 1);
	fill(3, 33);
	fill(4, 44);
	CHECK_EQ(buf_sync(disk), -EIO);
	CHECK_EQ(slow_disk_block(3)[0], 3);
	CHECK_EQ(counts().dirty, 2); // they were one request
	CHECK_EQ(buf_sync(disk), 0);
	CHECK_EQ(slow_disk_block(3)[0], 33);
	CHECK_EQ(slow_disk_block(4)[0], 44);
	CHECK_EQ(buf_sync(disk), 0);
}

TEST(an_error_behind_is_told_by_the_next_sync)
{
	fake_threads_begin(1);
	begin(8, 16);
	bcache_start();
	slow_disk_fail_writes(3, 2);
	fill(3, 33);
	fake_threads_wait(8 * NS_PER_SEC);
	CHECK_EQ(slow_disk_writes(), 1);
	CHECK_EQ(counts().dirty, 1);
	fake_threads_wait(30 * NS_PER_SEC);
	CHECK_EQ(slow_disk_block(3)[0], 33);
	CHECK_EQ(counts().dirty, 0);
	CHECK_EQ(buf_sync(disk), -EIO);
	CHECK_EQ(buf_sync(disk), 0);
}

static void
change_often(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 200; i++) {
		struct buf *b = get(5);
		buf_lock(b);
		memset(b->data, (int)i, BLOCK_SIZE);
		buf_mark_dirty(b);
		buf_unlock(b);
		buf_put(b);
		if (i % 16 == 0)
			fake_threads_wait(SLOW_DISK_NS / 3);
	}
}

static void
sync_often(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 10; i++)
		CHECK_EQ(buf_sync(disk), 0);
}

static void
changed_while_written(void)
{
	begin(8, 16);
	bcache_start();
	fake_thread_run("changes", change_often, NULL);
	fake_thread_run("syncs", sync_often, NULL);
	fake_thread_run("syncs too", sync_often, NULL);
	fake_threads_join();
	CHECK_EQ(buf_sync(disk), 0);
	CHECK_EQ(slow_disk_block(5)[0], 199);
	CHECK_EQ(slow_disk_block(5)[BLOCK_SIZE - 1], 199);
	CHECK_EQ(counts().dirty, 0);
	CHECK_EQ(counts().referenced, 0);
}

TEST(what_changes_while_it_is_written_is_written_again)
{
	fake_for_seeds(SEEDS, changed_while_written);
}

static uint8_t shown[16]; // the byte that each block had when its change was done

static void
change_some(void *arg)
{
	uint64_t first = (uint64_t)arg;

	for (unsigned i = 1; i < 60; i++) {
		uint64_t block = first + fake_random(4);
		fill(block, (uint8_t)i);
		shown[block] = (uint8_t)i;
		if (fake_random(8) == 0) {
			struct buf *b = get(block);
			CHECK_EQ(buf_write(b), 0);
			CHECK_EQ(slow_disk_block(block)[0], i);
			buf_put(b);
		}
	}
}

static void
check_sync(void *arg)
{
	uint8_t before[16];

	(void)arg;
	for (unsigned i = 0; i < 8; i++) {
		memcpy(before, shown, sizeof before);
		CHECK_EQ(buf_sync(disk), 0);
		// Bytes only grow, so the disk has what was there before, or newer.
		for (unsigned block = 0; block < 16; block++)
			CHECK(before[block] == 0 || slow_disk_block(block)[0] >= before[block] ||
			      shown[block] < before[block]);
		fake_threads_wait(SLOW_DISK_NS);
	}
}

static void
sync_waits(void)
{
	begin(64, 16);
	bcache_start();
	for (uint64_t i = 0; i < 16; i++)
		memset(slow_disk_block(i), 0, BLOCK_SIZE);
	for (uint64_t i = 0; i < 4; i++)
		fake_thread_run("changes", change_some, (void *)(i * 4));
	fake_thread_run("syncs", check_sync, NULL);
	fake_threads_join();
	CHECK_EQ(counts().referenced, 0);
}

TEST(sync_waits_for_what_was_dirty_when_it_began)
{
	fake_for_seeds(SEEDS, sync_waits);
}

// ---- Forgetting --------------------------------------------------------------

TEST(a_forgotten_block_is_not_written)
{
	fake_threads_begin(1);
	begin(8, 16);
	fill(3, 33);
	struct buf *held = get(3);
	buf_forget(disk, 3);
	buf_forget(disk, 4);
	buf_mark_dirty(held);
	buf_put(held);
	CHECK_EQ(counts().dirty, 0);
	CHECK_EQ(counts().buffers, 0);
	CHECK_EQ(buf_sync(disk), 0);
	CHECK_EQ(slow_disk_writes(), 0);
	struct buf *b = get(3);
	CHECK_EQ(b->data[0], 3);
	buf_put(b);
}

static void
sync_once(void *arg)
{
	(void)arg;
	CHECK_EQ(buf_sync(disk), 0);
}

static void
forget_and_reuse(void)
{
	struct buf *b;

	begin(8, 16);
	for (unsigned i = 0; i < 10; i++) {
		fill(3, (uint8_t)(100 + i));
		fake_thread_run("syncs", sync_once, NULL);
		fake_threads_wait(fake_random(2 * SLOW_DISK_NS));
		buf_forget(disk, 3);
		CHECK_EQ(buf_get(disk, 3, BUF_ZERO, &b), 0);
		memset(b->data, (int)i, BLOCK_SIZE);
		buf_mark_dirty(b);
		CHECK_EQ(buf_write(b), 0);
		buf_put(b);
		fake_threads_join();
		CHECK_EQ(slow_disk_block(3)[0], i);
		buf_forget(disk, 3);
	}
}

TEST(old_bytes_never_come_after_new_ones)
{
	fake_for_seeds(SEEDS, forget_and_reuse);
}

TEST(drop_forgets_a_device)
{
	fake_threads_begin(1);
	begin(64, 64);
	for (uint64_t i = 0; i < 40; i++)
		touch(i);
	CHECK_EQ(buf_sync(disk), 0);
	buf_drop(disk);
	CHECK_EQ(counts().buffers, 0);
	touch(5);
	CHECK_EQ(slow_disk_reads(), 41);
}

// ---- Full --------------------------------------------------------------------

static struct buf *kept[8];

static void
put_later(void *arg)
{
	(void)arg;
	fake_threads_wait(NS_PER_SEC);
	buf_put(kept[4]);
}

static void
wait_for_put(void)
{
	begin(8, 64);
	for (uint64_t i = 0; i < 8; i++)
		kept[i] = get(i);
	fake_thread_run("puts", put_later, NULL);
	uint64_t start = time_ns();
	touch(20);
	CHECK(time_ns() - start >= NS_PER_SEC);
	CHECK(time_ns() - start < 2 * NS_PER_SEC);
	CHECK_EQ(counts().buffers, 8);
	fake_threads_join();
}

TEST(when_all_are_in_use_one_waits_for_a_put)
{
	fake_for_seeds(20, wait_for_put);
}

static void
want_two(void *arg)
{
	uint64_t first = (uint64_t)arg * 10;
	struct buf *a = get(first), *b;

	fake_threads_wait(10 * SLOW_DISK_NS);
	int error = buf_get(disk, first + 1, BUF_READ, &b);
	CHECK(error == 0 || error == -ENOMEM);
	if (error == 0)
		buf_put(b);
	buf_put(a);
}

static void
all_want_another(void)
{
	begin(4, 64);
	for (uint64_t i = 0; i < 4; i++)
		fake_thread_run("holds and wants", want_two, (void *)i);
	fake_threads_join();
	CHECK_EQ(counts().referenced, 0);
	touch(63);
}

TEST(those_who_wait_for_each_other_are_refused)
{
	fake_for_seeds(20, all_want_another);
}

TEST(a_disk_that_takes_no_writes_stops_nobody_for_ever)
{
	struct buf *b;

	fake_threads_begin(1);
	begin(8, 64);
	for (uint64_t i = 0; i < 8; i++) {
		slow_disk_fail_writes(i, 1000);
		fill(i, 1);
	}
	CHECK_EQ(buf_get(disk, 20, BUF_READ, &b), -EIO);
	CHECK_EQ(buf_sync(disk), -EIO);
	CHECK_EQ(counts().dirty, 8);
	for (uint64_t i = 0; i < 8; i++)
		slow_disk_fail_writes(i, 0);
	touch(20);
	CHECK_EQ(buf_sync(disk), 0);
	CHECK_EQ(slow_disk_block(7)[0], 1);
}

TEST(without_memory_the_cache_evicts)
{
	fake_threads_begin(1);
	begin(64, 64);
	for (uint64_t i = 0; i < 4; i++)
		touch(i);
	fake_pages_fail_all(1);
	for (uint64_t i = 4; i < 20; i++)
		touch(i);
	CHECK_EQ(counts().buffers, 4);
	CHECK_EQ(slow_disk_reads(), 20);
	fake_pages_fail(0);
	fake_heap_fail_all(1);
	touch(20);
	CHECK_EQ(counts().buffers, 4);
	fake_heap_fail(0);
	touch(21);
	CHECK_EQ(counts().buffers, 5);
}

TEST(without_any_memory_a_get_fails)
{
	struct buf *b;

	fake_threads_begin(1);
	begin(64, 64);
	fake_pages_fail_all(1);
	CHECK_EQ(buf_get(disk, 1, BUF_READ, &b), -ENOMEM);
	fake_pages_fail(0);
	touch(1);
}

TEST(pages_are_given_back_when_asked)
{
	fake_threads_begin(1);
	begin(64, 64);
	uint64_t pages = fake_pages_used();
	for (uint64_t i = 0; i < 20; i++)
		touch(i);
	struct buf *held = get(0);
	CHECK_EQ(bcache_reclaim(5), 5);
	CHECK_EQ(counts().buffers, 15);
	CHECK_EQ(fake_pages_used(), pages + 15);
	touch(0);
	for (uint64_t i = 6; i < 20; i++)
		touch(i);
	CHECK_EQ(slow_disk_reads(), 20); // the oldest went
	fill(30, 3);
	buf_put(held);
	CHECK_EQ(bcache_reclaim(100), 15);
	CHECK_EQ(counts().dirty, 1);
	CHECK_EQ(bcache_reclaim(1), 1); // it has to be written first
	CHECK_EQ(slow_disk_block(30)[0], 3);
	CHECK_EQ(fake_pages_used(), pages);
	CHECK_EQ(bcache_reclaim(1), 0);
}

// ---- Everything at once ------------------------------------------------------

#define STRESS_BLOCKS 48

static uint32_t model[STRESS_BLOCKS]; // the number in each block, under its lock

static void
change_block(uint64_t block)
{
	struct buf *b = get(block);
	uint32_t *number = (uint32_t *)(void *)b->data;

	buf_lock(b);
	CHECK_EQ(number[0], model[block]);
	CHECK_EQ(number[BLOCK_SIZE / 4 - 1], model[block]);
	fake_point();
	model[block]++;
	number[0] = model[block];
	number[BLOCK_SIZE / 4 - 1] = model[block];
	buf_mark_dirty(b);
	buf_unlock(b);
	buf_put(b);
}

static void
do_anything(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 120; i++) {
		uint64_t what = fake_random(40);
		if (what == 0)
			CHECK_EQ(buf_sync(disk), 0);
		else if (what == 1)
			bcache_reclaim(1 + fake_random(8));
		else if (what < 10)
			touch(fake_random(STRESS_BLOCKS));
		else
			change_block(fake_random(STRESS_BLOCKS));
	}
}

static void
stress(void)
{
	begin(12, STRESS_BLOCKS);
	bcache_start();
	for (uint64_t i = 0; i < STRESS_BLOCKS; i++)
		memset(slow_disk_block(i), 0, BLOCK_SIZE);
	for (unsigned i = 0; i < 6; i++)
		fake_thread_run("anything", do_anything, NULL);
	fake_threads_join();
	CHECK(counts().buffers <= 12);
	CHECK_EQ(buf_sync(disk), 0);
	CHECK_EQ(counts().referenced, 0);
	CHECK_EQ(counts().dirty, 0);
	for (uint64_t i = 0; i < STRESS_BLOCKS; i++)
		CHECK_EQ(*(uint32_t *)(void *)slow_disk_block(i), model[i]);
}

TEST(six_threads_do_anything)
{
	fake_for_seeds(SEEDS, stress);
}
