// SPDX-License-Identifier: MIT
/*
 * Character devices: named tables of operations; devfs shows them in /dev.
 */
#pragma once

#include "vfs/file.h"

/*
 *   I  fixed at registration
 */
struct chardev {
	const char *name;           // [I] path below /dev: "console", "vport/stdin"
	uint32_t mode;              // [I] permission bits
	uint64_t id;                // [I] device number; 0: given by registration
	const struct file_ops *ops; // [I] of its open files
	int (*open)(struct chardev *dev, struct file *f); // [I] NULL: f->data = dev
	void *driver;                                     // [I] the driver's own
	struct list link;
};

// Make dev known; any time.  0 or -EEXIST.
int chardev_register(struct chardev *dev);
struct chardev *chardev_find(uint64_t id);
struct chardev *chardev_find_name(const char *name);
// The i-th in order of registration, or NULL.
struct chardev *chardev_at(unsigned i);

// vnode_ops.open of a device node: finds the device, sets ops and data.
int chardev_open(struct vnode *v, struct file *f);
