// SPDX-License-Identifier: MIT
/*
 * Split virtqueues (VIRTIO 1.2, section 2.7).
 *
 * The order of stores is what makes it work (sections 2.7.13 and 2.7.14):
 *
 *   1. The descriptors and the ring's entry before the index that counts it:
 *      a release store of avail->idx.
 *   2. The index before the look at the device's wish not to be told: a full
 *      fence.  The notification itself comes after by mmio_write32()'s fence.
 *   3. The used index before the entry it counts and the data behind that: an
 *      acquire load of used->idx.
 *
 * Numbers are little-endian, as the hart is.
 */
#include "dev/virtqueue.h"

#include "abi/errno.h"
#include "arch/layout.h"
#include "lib/panic.h"
#include "mm/heap.h"

// Section 2.7.5
struct virtqueue_desc {
	uint64_t address;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};
#define DESC_NEXT  1
#define DESC_WRITE 2

// Section 2.7.6
struct virtqueue_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[];
};

// Section 2.7.8
struct virtqueue_used {
	uint16_t flags;
	uint16_t idx;
	struct {
		uint32_t id; // the chain's first descriptor
		uint32_t length;
	} ring[];
};
#define USED_NO_NOTIFY 1

// What we know of a descriptor; what stands in shared memory is for the device.
struct virtqueue_slot {
	void *token;       // of the chain that starts here and is in flight
	uint32_t next;     // descriptor after it: in the chain, or in the free list
	uint32_t length;   // of the chain that starts here
	uint32_t writable; // bytes of it that the device may write
};

int
virtqueue_init(struct virtqueue *q, uint32_t index, uint32_t size)
{
	assert(size != 0 && size <= VIRTQUEUE_MAX && (size & (size - 1)) == 0);
	// The three parts lie one after the other; size is even, so that the
	// used ring is aligned to 4 if the available ring's end is made so.
	size_t avail_at = size * sizeof(struct virtqueue_desc);
	size_t used_at = (avail_at + sizeof(struct virtqueue_avail) + 2 * size + 2 + 3) & ~3ul;
	size_t bytes = used_at + sizeof(struct virtqueue_used) + 8 * size + 2;
	char *rings = heap_zalloc(bytes);
	struct virtqueue_slot *slot = heap_alloc_array(size, sizeof(*slot));

	if (rings == NULL || slot == NULL) {
		heap_free(rings);
		heap_free(slot);
		return -ENOMEM;
	}
	*q = (struct virtqueue){
		.size = size,
		.index = index,
		.desc = (struct virtqueue_desc *)(void *)rings,
		.avail = (struct virtqueue_avail *)(void *)(rings + avail_at),
		.used = (struct virtqueue_used *)(void *)(rings + used_at),
		.slot = slot,
		.free_count = size,
	};
	for (uint32_t i = 0; i < size; i++)
		slot[i].next = i + 1;
	return 0;
}

void
virtqueue_free(struct virtqueue *q)
{
	heap_free(q->desc);
	heap_free(q->slot);
	*q = (struct virtqueue){ 0 };
}

// Fill the first free descriptors.  Returns the last one's number.
static uint32_t
fill_chain(struct virtqueue *q, const struct virtqueue_part *part, unsigned parts, unsigned outs)
{
	uint32_t last = q->free_first;
	uint32_t at = last;

	for (unsigned i = 0; i < parts; i++) {
		last = at;
		at = q->slot[at].next;
		q->desc[last] = (struct virtqueue_desc){
			.address = virt_to_phys(part[i].data),
			.length = part[i].size,
			.flags = (uint16_t)((i < outs ? 0 : DESC_WRITE) |
					    (i + 1 < parts ? DESC_NEXT : 0)),
			.next = (uint16_t)(i + 1 < parts ? at : 0),
		};
	}
	return last;
}

int
virtqueue_add(struct virtqueue *q, const struct virtqueue_part *part, unsigned parts, unsigned outs,
	      void *token)
{
	assert(parts > 0 && outs <= parts && token != NULL);
	if (q->broken != NULL)
		return -EIO;
	if (parts > q->free_count)
		return -ENOSPC;

	uint32_t first = q->free_first;
	uint32_t last = fill_chain(q, part, parts, outs);
	struct virtqueue_slot *s = &q->slot[first];
	q->free_first = q->slot[last].next;
	q->free_count -= parts;
	s->token = token;
	s->length = parts;
	s->writable = 0;
	for (unsigned i = outs; i < parts; i++)
		s->writable += part[i].size;

	q->avail->ring[q->added % q->size] = (uint16_t)first;
	q->added++;
	__atomic_store_n(&q->avail->idx, q->added, __ATOMIC_RELEASE);
	return 0;
}

bool
virtqueue_kick_needed(struct virtqueue *q)
{
	if (q->kicked == q->added || q->broken != NULL)
		return false;
	q->kicked = q->added;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return (__atomic_load_n(&q->used->flags, __ATOMIC_RELAXED) & USED_NO_NOTIFY) == 0;
}

// The chain that starts at first is ours again.
static void *
free_chain(struct virtqueue *q, uint32_t first)
{
	struct virtqueue_slot *s = &q->slot[first];
	void *token = s->token;
	uint32_t last = first;

	for (uint32_t i = 1; i < s->length; i++)
		last = q->slot[last].next;
	q->slot[last].next = q->free_first;
	q->free_first = first;
	q->free_count += s->length;
	s->token = NULL;
	return token;
}

void *
virtqueue_take(struct virtqueue *q, uint32_t *written)
{
	uint16_t idx = __atomic_load_n(&q->used->idx, __ATOMIC_ACQUIRE);

	if (q->broken != NULL || idx == q->taken)
		return NULL;
	if ((uint16_t)(idx - q->taken) > q->size - q->free_count) {
		q->broken = "its used index counts more than is in flight";
		return NULL;
	}
	// One load each: the device could change its mind after the check.
	uint32_t at = q->taken % q->size;
	uint32_t id = __atomic_load_n(&q->used->ring[at].id, __ATOMIC_RELAXED);
	uint32_t length = __atomic_load_n(&q->used->ring[at].length, __ATOMIC_RELAXED);
	if (id >= q->size || q->slot[id].token == NULL) {
		q->broken = "a used entry names a buffer that is not in flight";
		return NULL;
	}
	if (length > q->slot[id].writable) {
		q->broken = "a used entry is longer than its buffer";
		return NULL;
	}
	q->taken++;
	*written = length;
	return free_chain(q, id);
}

void *
virtqueue_abandon(struct virtqueue *q)
{
	for (uint32_t i = 0; i < q->size; i++)
		if (q->slot[i].token != NULL)
			return free_chain(q, i);
	return NULL;
}
