// SPDX-License-Identifier: MIT
/*
 * Block devices: what a disk driver offers, in blocks of 4 KiB.
 *
 * A driver fills a table and registers; a request is submitted and completes
 * later, by a call from the driver's interrupt.  Several may be in flight.  The
 * order among requests in flight is not defined: who needs one waits, and
 * flushes.
 */
#pragma once

#include "lib/list.h"
#include "lock/spinlock.h"

#define BLOCK_SIZE  4096
#define BLOCK_SHIFT 12

#define BLOCK_REQUEST_MAX 32 // blocks in a row in one request

enum block_op {
	BLOCK_READ,
	BLOCK_WRITE,
	BLOCK_FLUSH, // what was completed before is on stable storage
};

struct blockdev;

/*
 * The submitter owns the request until submit, then the driver until done().
 */
struct block_request {
	struct list link; // the driver's
	enum block_op op;
	uint64_t block;                        // the first
	unsigned count;                        // blocks in a row, up to BLOCK_REQUEST_MAX
	void *data[BLOCK_REQUEST_MAX];         // one page each, in the direct map
	int error;                             // set before done(): 0 or -EIO
	void (*done)(struct block_request *r); // interrupts off; must not sleep
	void *arg;                             // the submitter's
	void *driver;                          // the driver's
	struct blockdev *dev;                  // set by block_submit()
};

struct blockdev_ops {
	// Take a checked request; done() will be called, perhaps before this
	// returns.  May sleep if the device's queue is full.
	void (*submit)(struct blockdev *dev, struct block_request *r);
};

/*
 *   I  fixed at registration
 *   a  atomic
 */
struct blockdev {
	char name[16];                  // [I] "vda", "ram0"
	char serial[24];                // [I] how the command line named it, or ""
	uint32_t id;                    // [I] device number, given by registration
	uint64_t blocks;                // [I]
	bool read_only;                 // [I]
	bool can_flush;                 // [I]
	const struct blockdev_ops *ops; // [I]
	void *driver;                   // [I]
	uint32_t in_flight;             // [a]
	uint32_t in_flight_max;         // [a]
	uint64_t requests;              // [a]
	uint32_t users;                 // [a] mounts and opens
	int write_error;                // [a] of a write behind, until a sync tells it
	struct list link;
};

// Make dev known.  0 or -ENOSPC (too many).
int blockdev_register(struct blockdev *dev);
struct blockdev *blockdev_find(const char *name_or_serial);
struct blockdev *blockdev_by_id(uint32_t id);
// The i-th in order of registration, or NULL.
struct blockdev *blockdev_at(unsigned i);

// Check the request against the device (-EINVAL to its done() if it is out of
// range, -EROFS for a write to a read-only device), count it, pass it on.
void block_submit(struct blockdev *dev, struct block_request *r);

// Called by drivers when r has ended with r->error set.  Any context.
void block_complete(struct block_request *r);

// Submit and sleep until it is done.  Returns r->error.
int block_submit_wait(struct blockdev *dev, struct block_request *r);
int block_flush(struct blockdev *dev);
