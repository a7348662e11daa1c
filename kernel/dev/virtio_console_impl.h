// SPDX-License-Identifier: MIT
/*
 * Between the two halves of the virtio console: the device and its control
 * messages (virtio_console.c), and what a process does with a port (vport.c).
 */
#pragma once

#include "dev/virtio.h"
#include "sched/sleep.h"
#include "vfs/chardev.h"

#define VPORT_RECEIVE_PAGES 4
#define VPORT_NAME_MAX      48 // of the whole path, with the NUL

struct vconsole;

// What came from the host and was not read yet.
struct vport_buffer {
	struct list link; // in the port's list of full ones
	char *bytes;      // one page
	uint32_t size;    // bytes that came
	uint32_t done;    // bytes read of them
};

enum vport_send {
	VPORT_IDLE,
	VPORT_FILLING, // a writer copies into the page
	VPORT_SENT,    // the device has the page
};

/*
 *   I  fixed before the port is registered
 *   c  the console's lock
 *   r  the reader that took it off the list of full ones
 *   w  the writer that made the state FILLING
 */
struct vport {
	struct vconsole *console;                        // [I]
	struct virtio_device *virtio;                    // [I]
	struct spinlock *lock;                           // [I] the console's
	char path[VPORT_NAME_MAX];                       // [I] "vport/stdin"; "" if none of ours
	struct chardev chardev;                          // [I]
	struct virtqueue receive_queue;                  // [c]
	struct virtqueue send_queue;                     // [c]
	struct vport_buffer buffer[VPORT_RECEIVE_PAGES]; // [c,r]
	struct list full;                                // [c]
	char *send_page;                                 // [w]
	enum vport_send send;                            // [c]
	bool host_open;                                  // [c] somebody is at the other end
	bool host_was_open;                              // [c]
	uint32_t opens;                                  // [c] open files
	bool told_open;                                  // [c] what we told the host last
	struct waitqueue readers;                        // [c]
	struct waitqueue writers;                        // [c]
};

extern const struct file_ops vport_file_ops;

// The chardev's open operation.
int vport_open(struct chardev *dev, struct file *f);

// Send what the host does not know yet of open and closed ports.  The lock is
// held.
void vconsole_tell_opens(struct vconsole *c);

// Give the device b to fill.  The lock is held.
void vport_post(struct vport *p, struct vport_buffer *b);

// See what the device is done with, and wake who waits for it.  The lock is
// held.
void vport_serve(struct vport *p);

// The host comes or goes.  The lock is held.
void vport_set_host(struct vport *p, bool open);
