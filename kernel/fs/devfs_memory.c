// SPDX-License-Identifier: MIT
/*
 * The devices that are only memory: null, zero, full, random, urandom and kmsg.
 * Numbers as Linux's (Documentation/admin-guide/devices.txt, major 1).
 *
 * What is read of kmsg is the log as it was at the open, so a reader comes to an
 * end; what is written becomes a message, a line each.
 */
#include "abi/errno.h"
#include "abi/sysmacros.h"
#include "fs/devfs_impl.h"
#include "lib/log.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "vfs/chardev.h"

#define RANDOM_PIECE 256
#define LINE_MAX_    240

static int
empty_read(struct file *f, struct uio *uio)
{
	(void)f;
	(void)uio;
	return 0;
}

static int
sink_write(struct file *f, struct uio *uio)
{
	(void)f;
	uio->offset += uio->left;
	uio->left = 0;
	return 0;
}

static int
zero_read(struct file *f, struct uio *uio)
{
	(void)f;
	return uio_zero(uio, uio->left);
}

static int
full_write(struct file *f, struct uio *uio)
{
	(void)f;
	return uio->left > 0 ? -ENOSPC : 0;
}

static int
random_read(struct file *f, struct uio *uio)
{
	uint8_t piece[RANDOM_PIECE];
	int error = 0;

	(void)f;
	while (error == 0 && uio->left > 0) {
		uint64_t n = MIN(uio->left, sizeof piece);
		random_bytes(piece, n);
		error = uio_copy(uio, piece, n);
	}
	return error;
}

static int
endless_seek(struct file *f, int64_t offset, int whence, uint64_t *result)
{
	return file_seek_sized(f, offset, whence, 0, result);
}

// ---- kmsg --------------------------------------------------------------------

struct snapshot {
	size_t size;
	char text[];
};

static int
kmsg_open(struct chardev *dev, struct file *f)
{
	size_t room = log_length();
	struct snapshot *s = heap_alloc(sizeof *s + room);

	(void)dev;
	if (s == NULL)
		return -ENOMEM;
	s->size = log_read(s->text, room);
	f->data = s;
	return 0;
}

static void
kmsg_close(struct file *f)
{
	heap_free(f->data);
}

static int
kmsg_read(struct file *f, struct uio *uio)
{
	struct snapshot *s = f->data;

	if (uio->offset >= s->size)
		return 0;
	return uio_copy(uio, s->text + uio->offset, s->size - uio->offset);
}

static int
kmsg_write(struct file *f, struct uio *uio)
{
	char line[LINE_MAX_];
	int error = 0;

	(void)f;
	while (error == 0 && uio->left > 0) {
		size_t n = MIN(uio->left, sizeof line);
		error = uio_copy(uio, line, n);
		if (error != 0)
			break;
		for (char *at = line, *end = line + n; at < end;) {
			char *newline = memchr(at, '\n', (size_t)(end - at));
			char *stop = newline != NULL ? newline : end;
			print("%.*s", (int)(stop - at), at);
			at = stop + 1;
		}
	}
	return error;
}

static int
kmsg_seek(struct file *f, int64_t offset, int whence, uint64_t *result)
{
	const struct snapshot *s = f->data;

	return file_seek_sized(f, offset, whence, s->size, result);
}

// ---- The table ---------------------------------------------------------------

#define ENDLESS(device_name, read_fn, write_fn)                                \
	{                                                                      \
		.name = (device_name), .read = (read_fn), .write = (write_fn), \
		.seek = endless_seek, .positioned = true                       \
	}

static const struct file_ops null_ops = ENDLESS("null", empty_read, sink_write);
static const struct file_ops zero_ops = ENDLESS("zero", zero_read, sink_write);
static const struct file_ops full_ops = ENDLESS("full", zero_read, full_write);
static const struct file_ops random_ops = ENDLESS("random", random_read, sink_write);
static const struct file_ops kmsg_ops = {
	.name = "kmsg",
	.read = kmsg_read,
	.write = kmsg_write,
	.seek = kmsg_seek,
	.close = kmsg_close,
	.positioned = true,
};

#define MEMORY(minor, device_name, rights, file_ops_, open_fn)                                  \
	{                                                                                       \
		.name = (device_name), .mode = (rights), .ops = (file_ops_), .open = (open_fn), \
		.id = (minor)                                                                   \
	}

static struct chardev devices[] = {
	MEMORY(3, "null", 0666, &null_ops, NULL),
	MEMORY(5, "zero", 0666, &zero_ops, NULL),
	MEMORY(7, "full", 0666, &full_ops, NULL),
	MEMORY(8, "random", 0666, &random_ops, NULL),
	MEMORY(9, "urandom", 0666, &random_ops, NULL),
	MEMORY(11, "kmsg", 0644, &kmsg_ops, kmsg_open),
};

void
devfs_register_memory(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
		devices[i].id = makedev(1, (uint32_t)devices[i].id);
		if (chardev_register(&devices[i]) != 0)
			panic("device %s is registered twice", devices[i].name);
	}
}
