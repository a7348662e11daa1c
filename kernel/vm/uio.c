// SPDX-License-Identifier: MIT
/*
 * Transfers between a file and memory (vm/uio.h).
 */
#include "vm/uio.h"

#include "abi/errno.h"
#include "lib/math.h"
#include "lib/string.h"
#include "vm/usercopy.h"

void
uio_init_parts(struct uio *u, const struct uio_part *part, unsigned parts,
	       enum uio_direction direction, enum uio_memory memory, uint64_t offset)
{
	*u = (struct uio){
		.direction = direction,
		.memory = memory,
		.part = part,
		.parts = parts,
		.offset = offset,
	};
	for (unsigned i = 0; i < parts; i++)
		u->left += part[i].size;
}

void
uio_init(struct uio *u, struct uio_part *part, enum uio_direction direction, enum uio_memory memory,
	 uint64_t base, uint64_t size, uint64_t offset)
{
	*part = (struct uio_part){ base, size };
	uio_init_parts(u, part, 1, direction, memory, offset);
}

// Move n bytes between p and memory at base; p NULL stands for zeros.
static int
move_bytes(const struct uio *u, uint64_t base, char *p, uint64_t n, uint64_t *done)
{
	*done = n;
	if (u->memory == UIO_KERNEL) {
		void *memory = (void *)base;
		if (p == NULL)
			memset(memory, 0, n);
		else if (u->direction == UIO_READ)
			memcpy(memory, p, n);
		else
			memcpy(p, memory, n);
		return 0;
	}
	if (p == NULL)
		return zero_out_some(base, n, done);
	if (u->direction == UIO_READ)
		return copy_out_some(base, p, n, done);
	return copy_in_some(p, base, n, done);
}

static void
advance(struct uio *u, uint64_t n)
{
	u->part_done += n;
	u->left -= n;
	u->offset += n;
}

static int
transfer(struct uio *u, char *p, uint64_t n)
{
	n = MIN(n, u->left);
	while (n > 0) {
		uint64_t room = u->part->size - u->part_done;
		if (room == 0) {
			u->part++;
			u->parts--;
			u->part_done = 0;
			continue;
		}
		uint64_t done;
		uint64_t chunk = MIN(n, room);
		int error = move_bytes(u, u->part->base + u->part_done, p, chunk, &done);
		advance(u, done);
		if (error != 0)
			return error;
		if (p != NULL)
			p += done;
		n -= done;
	}
	return 0;
}

int
uio_copy(struct uio *u, void *p, uint64_t n)
{
	return transfer(u, p, n);
}

int
uio_zero(struct uio *u, uint64_t n)
{
	return transfer(u, NULL, n);
}
