// SPDX-License-Identifier: MIT
/*
 * Virtio devices on a register window (VIRTIO 1.2, section 4.2: virtio over
 * MMIO, version 2), as their drivers see them.
 *
 * A driver's start() runs once for each device of its kind, on the boot hart,
 * after a reset: it agrees on features, sets its queues up, says that it is
 * ready, and registers what it offers.  If it fails, the device is given up.
 */
#pragma once

#include "dev/virtqueue.h"

// Features of all devices (section 6).
#define VIRTIO_F_VERSION_1 (UINT64_C(1) << 32)

/*
 *   I  fixed
 */
struct virtio_device {
	volatile char *regs; // [I]
	uint32_t kind;       // [I] the device's number in section 5
	uint32_t line;       // [I] interrupt
	uint64_t features;   // [I] agreed upon
	char name[20];       // [I] "virtio@10008000", for messages
};

struct virtio_driver {
	const char *name;
	uint32_t kind;
	int (*start)(struct virtio_device *d);
};

extern const struct virtio_driver virtio_blk_driver;
extern const struct virtio_driver virtio_console_driver;

// Take those of the wanted features that the device offers; VERSION_1 is a
// must.  0, or -ENODEV with a line in the log.
int virtio_agree(struct virtio_device *d, uint64_t wanted);

// Make queue number index with up to max descriptors, as many as the device
// allows.  0, -ENOMEM, -ENODEV if the device has no such queue.
int virtio_setup_queue(struct virtio_device *d, struct virtqueue *q, uint32_t index, uint32_t max);

// The queues are there: the device may start.
void virtio_ready(struct virtio_device *d);

// Stop the device: it uses no memory of ours any more.  Any context.
void virtio_reset(struct virtio_device *d);
// The same, and leave a mark that we gave it up (section 2.1).
void virtio_give_up(struct virtio_device *d);

// Tell the device of what was added to q, if it wants to know.
void virtio_kick(struct virtio_device *d, struct virtqueue *q);

// Why the device interrupts; it stops doing so.
#define VIRTIO_IRQ_QUEUE  1
#define VIRTIO_IRQ_CONFIG 2
uint32_t virtio_acknowledge(struct virtio_device *d);

// Whether the device says that it can't go on without a reset.
bool virtio_needs_reset(struct virtio_device *d);

// The device's own registers.  32 bits are read in one piece; 64 are read until
// they hold still.
uint32_t virtio_config32(struct virtio_device *d, uint32_t offset);
uint64_t virtio_config64(struct virtio_device *d, uint32_t offset);
