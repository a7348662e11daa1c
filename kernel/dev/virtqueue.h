// SPDX-License-Identifier: MIT
/*
 * Split virtqueues (VIRTIO 1.2, section 2.7): rings in memory through which a
 * driver gives buffers to a device and gets them back.
 *
 * What the device writes is not trusted.  A used entry that names no buffer in
 * flight, or claims to have written more than there was room for, breaks the
 * queue: `broken` says why, and from then on nothing is added or taken.  What
 * the driver must remember (chains, tokens) it keeps in memory of its own.
 *
 * The caller holds one lock around all calls for one queue.
 */
#pragma once

#include "arch/types.h"

#define VIRTQUEUE_MAX 256 // descriptors; a power of two

// A run of physically contiguous memory in the direct map.
struct virtqueue_part {
	void *data;
	uint32_t size;
};

struct virtqueue_desc;
struct virtqueue_avail;
struct virtqueue_used;
struct virtqueue_slot;

/*
 *   I  fixed by virtqueue_init()
 *   o  the caller's lock
 *   d  shared with the device
 */
struct virtqueue {
	uint32_t size;                 // [I] a power of two
	uint32_t index;                // [I] which queue of the device
	struct virtqueue_desc *desc;   // [I] [d]
	struct virtqueue_avail *avail; // [I] [d]
	struct virtqueue_used *used;   // [I] [d]
	struct virtqueue_slot *slot;   // [I] one for each descriptor [o]
	uint32_t free_first;           // [o] head of the list of free descriptors
	uint32_t free_count;           // [o]
	uint16_t added;                // [o] free-running: chains made available
	uint16_t taken;                // [o] free-running: used entries taken
	uint16_t kicked;               // [o] `added` at the last kick
	const char *broken;            // [o] why nothing works any more, or NULL
};

// Make an empty queue of size descriptors.  0 or -ENOMEM.
int virtqueue_init(struct virtqueue *q, uint32_t index, uint32_t size);
// Only when no device knows the queue any more.
void virtqueue_free(struct virtqueue *q);

// Make one chain available: first `outs` parts for the device to read, then the
// others for it to write.  token, not NULL, comes back from virtqueue_take().
// 0, -ENOSPC if there are not enough free descriptors, -EIO if broken.
int virtqueue_add(struct virtqueue *q, const struct virtqueue_part *part, unsigned parts,
		  unsigned outs, void *token);

// Whether the device wants to be told of what was added since the last call.
bool virtqueue_kick_needed(struct virtqueue *q);

// The token of a chain that the device is done with, and how many bytes it says
// it wrote; NULL if there is none.
void *virtqueue_take(struct virtqueue *q, uint32_t *written);

// After a broken queue's device was reset: the token of a chain still in
// flight, which is in flight no more; NULL when there is none left.
void *virtqueue_abandon(struct virtqueue *q);
