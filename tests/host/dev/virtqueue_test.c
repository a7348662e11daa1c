// SPDX-License-Identifier: MIT
// kernel: dev/virtqueue.c lib/random.c
// fakes: heap.c lock.c
/*
 * Virtqueues against a device written from the specification alone (VIRTIO 1.2,
 * section 2.7), one that keeps to it and one that doesn't.
 */
#include "dev/virtqueue.h"

#include <stdlib.h>

#include "abi/errno.h"
#include "check.h"
#include "fakes/fake.h"
#include "lib/math.h"
#include "lib/random.h"

struct descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};

struct available {
	uint16_t flags;
	uint16_t index;
	uint16_t ring[];
};

struct used {
	uint16_t flags;
	uint16_t index;
	struct {
		uint32_t id;
		uint32_t length;
	} ring[];
};

/*
 * The device's side of one queue.
 */
struct device {
	struct virtqueue q;
	struct descriptor *table;
	struct available *available;
	struct used *used;
	uint16_t seen; // available entries taken
};

static void
device_init(struct device *d, uint32_t size)
{
	CHECK_EQ(virtqueue_init(&d->q, 3, size), 0);
	d->table = (void *)d->q.desc;
	d->available = (void *)d->q.avail;
	d->used = (void *)d->q.used;
	d->seen = 0;
	CHECK_EQ((uintptr_t)d->table % 16, 0);
	CHECK_EQ((uintptr_t)d->available % 2, 0);
	CHECK_EQ((uintptr_t)d->used % 4, 0);
}

static void
device_done(struct device *d)
{
	virtqueue_free(&d->q);
	CHECK_EQ(fake_heap_blocks(), 0);
}

// The next chain that was made available.  False: none.
static bool
device_next(struct device *d, uint16_t *head)
{
	if (d->seen == d->available->index)
		return false;
	*head = d->available->ring[d->seen++ % d->q.size];
	CHECK(*head < d->q.size);
	return true;
}

static void
device_use(struct device *d, uint32_t id, uint32_t length)
{
	uint16_t at = d->used->index % d->q.size;

	d->used->ring[at].id = id;
	d->used->ring[at].length = length;
	d->used->index++;
}

static void *
add_one(struct device *d, void *token)
{
	static char bytes[16];
	const struct virtqueue_part part = { bytes, sizeof(bytes) };

	CHECK_EQ(virtqueue_add(&d->q, &part, 1, 0, token), 0);
	return token;
}

// ---- A device that keeps to it -----------------------------------------------

TEST(a_chain_is_what_was_added)
{
	static char a[100], b[200], c[300];
	const struct virtqueue_part part[] = { { a, 100 }, { b, 200 }, { c, 300 } };
	struct device d;
	uint16_t head;
	uint32_t written;

	device_init(&d, 8);
	CHECK_EQ(virtqueue_add(&d.q, part, 3, 1, &d), 0);
	CHECK(virtqueue_kick_needed(&d.q));
	CHECK(!virtqueue_kick_needed(&d.q)); // said once
	CHECK(device_next(&d, &head));
	const struct descriptor *e = &d.table[head];
	CHECK_EQ(e->address, a);
	CHECK_EQ(e->length, 100);
	CHECK_EQ(e->flags, 1); // NEXT
	e = &d.table[e->next];
	CHECK_EQ(e->address, b);
	CHECK_EQ(e->flags, 3); // NEXT, WRITE
	e = &d.table[e->next];
	CHECK_EQ(e->address, c);
	CHECK_EQ(e->length, 300);
	CHECK_EQ(e->flags, 2); // WRITE
	CHECK_EQ(virtqueue_take(&d.q, &written), NULL);
	device_use(&d, head, 500);
	CHECK_EQ(virtqueue_take(&d.q, &written), &d);
	CHECK_EQ(written, 500);
	CHECK_EQ(virtqueue_take(&d.q, &written), NULL);
	CHECK_EQ(d.q.free_count, 8);
	device_done(&d);
}

TEST(no_kick_if_the_device_does_not_want_one)
{
	struct device d;

	device_init(&d, 8);
	d.used->flags = 1; // NO_NOTIFY
	add_one(&d, &d);
	CHECK(!virtqueue_kick_needed(&d.q));
	d.used->flags = 0;
	add_one(&d, &d);
	CHECK(virtqueue_kick_needed(&d.q));
	device_done(&d);
}

TEST(a_full_queue_refuses_and_goes_on)
{
	static char bytes[8];
	const struct virtqueue_part part[] = { { bytes, 4 }, { bytes + 4, 4 } };
	struct device d;
	uint16_t head;
	uint32_t written;

	device_init(&d, 4);
	add_one(&d, &d);
	CHECK_EQ(virtqueue_add(&d.q, part, 2, 1, &d), 0);
	CHECK_EQ(virtqueue_add(&d.q, part, 2, 1, &d), -ENOSPC);
	add_one(&d, &d);
	CHECK_EQ(virtqueue_add(&d.q, part, 1, 1, &d), -ENOSPC);
	CHECK(device_next(&d, &head));
	device_use(&d, head, 0);
	CHECK_EQ(virtqueue_take(&d.q, &written), &d);
	CHECK_EQ(virtqueue_add(&d.q, part, 1, 1, &d), 0);
	device_done(&d);
}

// Chains of random shapes, completed in random order, over and over: the
// indices run past 65535.
TEST(random_traffic)
{
	enum { SIZE = 32, ROUNDS = 60000 };
	static char memory[SIZE][64];
	struct {
		bool busy;
		uint32_t writable;
		uint16_t head;
		bool seen;
		uint32_t expect;
	} token[SIZE] = { 0 };
	struct random dice;
	struct device d;
	uint32_t written;
	unsigned in_flight = 0;
	uint64_t chains = 0;

	random_init(&dice, 7);
	device_init(&d, SIZE);
	for (unsigned round = 0; round < ROUNDS; round++) {
		// The driver adds one.
		struct virtqueue_part part[5];
		unsigned parts = 1 + (unsigned)(random_next(&dice) % 5);
		unsigned outs = (unsigned)(random_next(&dice) % (parts + 1));
		unsigned t = 0;
		while (t < SIZE && token[t].busy)
			t++;
		token[t].writable = 0;
		for (unsigned i = 0; i < parts; i++) {
			part[i] = (struct virtqueue_part){ memory[t], 1 + (uint32_t)i };
			token[t].writable += i >= outs ? part[i].size : 0;
		}
		bool room = parts <= d.q.free_count;
		CHECK_EQ(virtqueue_add(&d.q, part, parts, outs, &token[t]), room ? 0 : -ENOSPC);
		if (room) {
			token[t].busy = true;
			token[t].seen = false;
			in_flight++;
			chains++;
			// Chains become available in the order in which they are added.
			CHECK(device_next(&d, &token[t].head));
			CHECK(!device_next(&d, &(uint16_t){ 0 }));
			token[t].seen = true;
		}
		// The device completes some, in any order.
		for (uint64_t n = random_next(&dice) % 4; n > 0 && in_flight > 0; n--) {
			unsigned i = (unsigned)(random_next(&dice) % SIZE);
			while (!token[i].busy || !token[i].seen)
				i = (i + 1) % SIZE;
			token[i].seen = false;
			token[i].expect = (uint32_t)(random_next(&dice) % (token[i].writable + 1));
			device_use(&d, token[i].head, token[i].expect);
			in_flight--;
		}
		// The driver takes them, sometimes.
		while (random_next(&dice) % 3 != 0 || in_flight > SIZE / 2) {
			typeof(&token[0]) got = virtqueue_take(&d.q, &written);
			CHECK(d.q.broken == NULL);
			if (got == NULL)
				break;
			CHECK(got->busy && !got->seen);
			CHECK_EQ(written, got->expect);
			got->busy = false;
		}
	}
	CHECK(chains > 20000);
	device_done(&d);
}

// ---- One that doesn't --------------------------------------------------------

static void
expect_broken(struct device *d)
{
	static char byte;
	const struct virtqueue_part part = { &byte, 1 };
	uint32_t written;

	CHECK_EQ(virtqueue_take(&d->q, &written), NULL);
	CHECK(d->q.broken != NULL);
	CHECK_EQ(virtqueue_take(&d->q, &written), NULL);
	CHECK_EQ(virtqueue_add(&d->q, &part, 1, 0, d), -EIO);
	CHECK(!virtqueue_kick_needed(&d->q));
}

TEST(a_used_entry_out_of_range)
{
	struct device d;

	device_init(&d, 8);
	add_one(&d, &d);
	device_use(&d, 8, 0);
	expect_broken(&d);
	device_done(&d);
}

TEST(a_used_entry_of_nobody)
{
	struct device d;
	uint16_t head;

	device_init(&d, 8);
	add_one(&d, &d);
	CHECK(device_next(&d, &head));
	device_use(&d, (head + 1) % 8, 0);
	expect_broken(&d);
	device_done(&d);
}

TEST(a_used_entry_twice)
{
	struct device d;
	uint16_t head;
	uint32_t written;

	device_init(&d, 8);
	add_one(&d, &d);
	add_one(&d, &d);
	CHECK(device_next(&d, &head));
	device_use(&d, head, 0);
	device_use(&d, head, 0);
	CHECK_EQ(virtqueue_take(&d.q, &written), &d);
	expect_broken(&d);
	device_done(&d);
}

TEST(a_descriptor_inside_a_chain)
{
	static char bytes[8];
	const struct virtqueue_part part[] = { { bytes, 4 }, { bytes + 4, 4 } };
	struct device d;
	uint16_t head;

	device_init(&d, 8);
	CHECK_EQ(virtqueue_add(&d.q, part, 2, 1, &d), 0);
	CHECK(device_next(&d, &head));
	device_use(&d, d.table[head].next, 0);
	expect_broken(&d);
	device_done(&d);
}

TEST(more_written_than_there_was_room)
{
	static char bytes[16];
	const struct virtqueue_part part[] = { { bytes, 10 }, { bytes + 10, 6 } };
	struct device d;
	uint16_t head;

	device_init(&d, 8);
	CHECK_EQ(virtqueue_add(&d.q, part, 2, 1, &d), 0);
	CHECK(device_next(&d, &head));
	device_use(&d, head, 7); // what it may only read doesn't count
	expect_broken(&d);
	device_done(&d);
}

TEST(a_used_index_that_jumps)
{
	struct device d;
	uint32_t written;

	device_init(&d, 8);
	add_one(&d, &d);
	d.used->index = 5;
	expect_broken(&d);
	device_done(&d);
	device_init(&d, 8);
	d.used->index = 65535;
	CHECK_EQ(virtqueue_take(&d.q, &written), NULL);
	CHECK(d.q.broken != NULL);
	device_done(&d);
}

TEST(descriptors_that_the_device_writes_do_no_harm)
{
	static char bytes[3];
	const struct virtqueue_part part[] = { { bytes, 1 }, { bytes + 1, 1 }, { bytes + 2, 1 } };
	struct device d;
	uint16_t head;
	uint32_t written;

	device_init(&d, 8);
	CHECK_EQ(virtqueue_add(&d.q, part, 3, 1, &d), 0);
	CHECK(device_next(&d, &head));
	for (unsigned i = 0; i < 8; i++)
		d.table[i] = (struct descriptor){ .flags = 0xffff, .next = 0xffff };
	device_use(&d, head, 1);
	CHECK_EQ(virtqueue_take(&d.q, &written), &d);
	CHECK_EQ(d.q.free_count, 8);
	for (unsigned i = 0; i < 8; i++)
		add_one(&d, &d);
	device_done(&d);
}

TEST(what_was_in_flight_can_be_abandoned)
{
	struct device d;
	int tokens[3];
	unsigned seen = 0;
	int *t;

	device_init(&d, 8);
	for (unsigned i = 0; i < 3; i++)
		add_one(&d, &tokens[i]);
	device_use(&d, 99, 0);
	expect_broken(&d);
	while ((t = virtqueue_abandon(&d.q)) != NULL)
		seen |= 1u << (t - tokens);
	CHECK_EQ(seen, 7);
	CHECK_EQ(d.q.free_count, 8);
	device_done(&d);
}

TEST(out_of_memory)
{
	struct virtqueue q;

	for (uint64_t n = 1; n <= 2; n++) {
		fake_heap_fail(n);
		CHECK_EQ(virtqueue_init(&q, 0, 16), -ENOMEM);
		CHECK_EQ(fake_heap_blocks(), 0);
	}
}
