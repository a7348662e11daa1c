// SPDX-License-Identifier: MIT
/*
 * The order of eviction: exactly by last put, and yet a put takes no lock.
 *
 * A put only writes a number into the buffer that rises with every put (its
 * stamp).  Here the clean buffers stand in a heap (Knuth, The Art of Computer
 * Programming 3, section 5.2.3) by the stamp that they had when they were
 * looked at last, their key.  A stamp only grows, so a key is the stamp or
 * older; if the smallest key is still its buffer's stamp, then no other buffer
 * was put before.  If not, the key is renewed, the buffer sinks to its place,
 * and the next one is looked at.  So the work is done by who needs room, once
 * for many puts.
 *
 * A buffer with references, or with a page that somebody maps, counts as used
 * just now.
 */
#include "block/bcache_impl.h"

#include "abi/errno.h"
#include "mm/heap.h"
#include "mm/page.h"

struct place {
	uint64_t key;
	struct cached *c;
};

// [bcache_order.lock]
static struct {
	struct place *place;
	uint32_t count;
} heap;

static uint64_t last_stamp; // atomic

uint64_t
bcache_stamp(void)
{
	return __atomic_add_fetch(&last_stamp, 1, __ATOMIC_RELAXED);
}

static void
put_at(uint32_t i, struct place p)
{
	heap.place[i] = p;
	p.c->place = i;
}

static void
rise(uint32_t i)
{
	struct place p = heap.place[i];

	while (i > 0 && heap.place[(i - 1) / 2].key > p.key) {
		put_at(i, heap.place[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put_at(i, p);
}

static void
sink(uint32_t i)
{
	struct place p = heap.place[i];

	for (uint32_t child; (child = 2 * i + 1) < heap.count; i = child) {
		if (child + 1 < heap.count && heap.place[child + 1].key < heap.place[child].key)
			child++;
		if (heap.place[child].key >= p.key)
			break;
		put_at(i, heap.place[child]);
	}
	put_at(i, p);
}

static uint64_t
stamp_of(const struct cached *c)
{
	return __atomic_load_n(&c->stamp, __ATOMIC_RELAXED);
}

void
bcache_order_insert(struct cached *c)
{
	uint32_t i = heap.count++;

	heap.place[i] = (struct place){ stamp_of(c), c };
	rise(i);
}

void
bcache_order_remove(struct cached *c)
{
	uint32_t i = c->place;
	struct place last = heap.place[--heap.count];

	c->place = PLACE_NONE;
	if (i == heap.count)
		return;
	put_at(i, last);
	rise(i);
	sink(last.c->place);
}

bool
bcache_order_in_use(const struct cached *c)
{
	return __atomic_load_n(&c->buf.refs, __ATOMIC_ACQUIRE) != 0 || page_refs(c->buf.page) > 1;
}

struct cached *
bcache_order_oldest(uint64_t now)
{
	while (heap.count > 0 && heap.place[0].key < now) {
		struct place *top = &heap.place[0];
		uint64_t key = bcache_order_in_use(top->c) ? bcache_stamp() : stamp_of(top->c);
		if (key == top->key)
			return top->c;
		top->key = key;
		sink(0);
	}
	return NULL;
}

int
bcache_order_init(unsigned max_buffers)
{
	heap.count = 0;
	heap.place = heap_alloc_array(max_buffers, sizeof *heap.place);
	return heap.place != NULL ? 0 : -ENOMEM;
}
