// SPDX-License-Identifier: MIT
/*
 * A transfer between a file and memory: what is left of it, and where it goes.
 */
#pragma once

#include "arch/types.h"

enum uio_direction {
	UIO_READ,  // file to memory
	UIO_WRITE, // memory to file
};

enum uio_memory {
	UIO_USER, // the current process's
	UIO_KERNEL,
};

struct uio_part {
	uint64_t base; // a user's address or a kernel pointer
	uint64_t size;
};

struct uio {
	enum uio_direction direction;
	enum uio_memory memory;
	const struct uio_part *part; // parts still to be served
	unsigned parts;
	uint64_t part_done; // bytes done of the first of them
	uint64_t left;      // bytes left in all
	uint64_t offset;    // in the file; moves on with each copy
};

// One part.  The uio points at *part, which must live as long.
void uio_init(struct uio *u, struct uio_part *part, enum uio_direction direction,
	      enum uio_memory memory, uint64_t base, uint64_t size, uint64_t offset);
void uio_init_parts(struct uio *u, const struct uio_part *part, unsigned parts,
		    enum uio_direction direction, enum uio_memory memory, uint64_t offset);

// Copy up to n bytes between p and the memory, in the uio's direction, and move
// on by what was copied.  0 if min(n, left) bytes were, else -EFAULT.
int uio_copy(struct uio *u, void *p, uint64_t n);
// The same with zeros (UIO_READ).
int uio_zero(struct uio *u, uint64_t n);
