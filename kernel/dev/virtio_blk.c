// SPDX-License-Identifier: MIT
/*
 * Disks: virtio block devices (VIRTIO 1.2, section 5.2).
 *
 * A request is a chain: a header for the device to read, the blocks' pages
 * (neighbours in memory make one part), a status byte for it to write.  As many
 * are in flight as the ring has room for; what finds it full waits in the
 * backlog, in order, and the interrupt starts it.  So blk_submit() never sleeps.
 *
 *   1. A request is in the backlog or in the ring until it is completed, once.
 *   2. Requests are completed without the lock: done() takes locks of lower
 *      rank, and may submit the next request.
 *   3. The driver believes only what it can check: a ring that makes no sense,
 *      or a device that asks for a reset, ends the disk.  It is reset, so that
 *      it touches no memory any more, and then everything fails with -EIO.
 *   4. Any status but 0 is -EIO.  The byte is set to a value that no device
 *      writes before the request goes out.
 */
#include "abi/errno.h"
#include "arch/hart.h"
#include "arch/irq.h"
#include "arch/time.h"
#include "block/blockdev.h"
#include "dev/virtio.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/heap.h"

#define VIRTIO_KIND_BLOCK 2

// Features (section 5.2.3)
#define BLK_F_SIZE_MAX (UINT64_C(1) << 1)
#define BLK_F_SEG_MAX  (UINT64_C(1) << 2)
#define BLK_F_RO       (UINT64_C(1) << 5)
#define BLK_F_FLUSH    (UINT64_C(1) << 9)

// Configuration (section 5.2.4)
#define CONFIG_CAPACITY 0 // 64 bits, in sectors
#define CONFIG_SIZE_MAX 8
#define CONFIG_SEG_MAX  12

// Requests (section 5.2.6)
#define SECTOR_SIZE      512
#define TYPE_IN          0
#define TYPE_OUT         1
#define TYPE_FLUSH       4
#define TYPE_GET_ID      8
#define ID_BYTES         20
#define STATUS_OK        0
#define STATUS_UNTOUCHED 0xff

#define BLK_MAX   26 // vda .. vdz
#define PARTS_MAX (BLOCK_REQUEST_MAX + 2)
#define ID_NS     NS_PER_SEC // how long a device may take to say its name

// One request in flight.  The device reads the first three, writes the status.
struct blk_slot {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
	uint8_t status;
	struct block_request *request;
	struct blk_slot *next; // in the list of free slots
};

/*
 *   I  fixed at start
 *   b  lock
 */
struct blk {
	struct blockdev dev;
	struct virtio_device *virtio; // [I]
	struct spinlock lock;         // b
	struct virtqueue queue;       // [b]
	struct list backlog;          // [b] requests not yet in the ring
	struct blk_slot *slots;       // [I] one for every two descriptors
	struct blk_slot *free;        // [b]
	bool dead;                    // [b] rule 3
};

static struct lock_class blk_class = LOCK_CLASS("virtio-blk", RANK_DRIVER);
static unsigned blk_count;

// ---- Requests ----------------------------------------------------------------

// Describe r's pages in part[]; returns how many parts they make.
static unsigned
gather_pages(const struct block_request *r, struct virtqueue_part *part)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->count; i++) {
		if (n > 0 && (char *)part[n - 1].data + part[n - 1].size == r->data[i])
			part[n - 1].size += BLOCK_SIZE;
		else
			part[n++] = (struct virtqueue_part){ r->data[i], BLOCK_SIZE };
	}
	return n;
}

// Put r into the ring.  -ENOSPC if there is no room.
static int
start_request(struct blk *b, struct block_request *r)
{
	static const uint32_t types[] = {
		[BLOCK_READ] = TYPE_IN,
		[BLOCK_WRITE] = TYPE_OUT,
		[BLOCK_FLUSH] = TYPE_FLUSH,
	};
	struct virtqueue_part part[PARTS_MAX];
	struct blk_slot *s = b->free;

	if (s == NULL)
		return -ENOSPC;
	s->type = types[r->op];
	s->sector = r->op == BLOCK_FLUSH ? 0 : r->block * (BLOCK_SIZE / SECTOR_SIZE);
	s->status = STATUS_UNTOUCHED;
	s->request = r;
	part[0] = (struct virtqueue_part){ s, offsetof(struct blk_slot, status) };
	unsigned n = 1 + (r->op == BLOCK_FLUSH ? 0 : gather_pages(r, part + 1));
	part[n] = (struct virtqueue_part){ &s->status, sizeof(s->status) };
	int error = virtqueue_add(&b->queue, part, n + 1, r->op == BLOCK_READ ? 1 : n, s);
	if (error == 0)
		b->free = s->next;
	return error;
}

static void
start_backlog(struct blk *b)
{
	assert_held(&b->lock);
	while (!list_empty(&b->backlog)) {
		struct list *first = b->backlog.next;
		if (start_request(b, container_of(first, struct block_request, link)) != 0)
			break;
		list_remove(first);
	}
	virtio_kick(b->virtio, &b->queue);
}

static struct block_request *
end_request(struct blk *b, struct blk_slot *s, int error)
{
	struct block_request *r = s->request;

	s->request = NULL;
	s->next = b->free;
	b->free = s;
	r->error = error;
	return r;
}

// Rule 3.  Everything in flight and waiting goes to `done`.
static void
give_up(struct blk *b, const char *why, struct list *done)
{
	struct blk_slot *s;

	assert_held(&b->lock);
	print_error("%s: given up: %s: %s; all its requests fail from now on", b->dev.name,
		    b->virtio->name, why);
	b->dead = true;
	virtio_give_up(b->virtio);
	while ((s = virtqueue_abandon(&b->queue)) != NULL)
		list_push_back(done, &end_request(b, s, -EIO)->link);
	list_splice_back(done, &b->backlog);
}

static void
complete_all(struct list *done)
{
	struct list *l;

	while ((l = list_pop_front(done)) != NULL)
		block_complete(container_of(l, struct block_request, link));
}

static void
blk_submit(struct blockdev *dev, struct block_request *r)
{
	struct blk *b = dev->driver;

	r->error = -EIO; // until the device says otherwise
	spin_lock(&b->lock);
	bool dead = b->dead;
	if (!dead) {
		list_push_back(&b->backlog, &r->link);
		start_backlog(b);
	}
	spin_unlock(&b->lock);
	if (dead)
		block_complete(r);
}

static void
blk_interrupt(void *arg)
{
	struct blk *b = arg;
	struct list done = LIST_INIT(done);
	struct blk_slot *s;
	uint32_t written;

	uint32_t why = virtio_acknowledge(b->virtio);
	spin_lock(&b->lock);
	while ((s = virtqueue_take(&b->queue, &written)) != NULL) {
		uint8_t status = __atomic_load_n(&s->status, __ATOMIC_RELAXED);
		struct block_request *r = end_request(b, s, status == STATUS_OK ? 0 : -EIO);
		list_push_back(&done, &r->link);
	}
	const char *trouble = b->queue.broken;
	if ((why & VIRTIO_IRQ_CONFIG) != 0 && virtio_needs_reset(b->virtio))
		trouble = "asks for a reset";
	if (trouble != NULL && !b->dead)
		give_up(b, trouble, &done);
	else if (!b->dead)
		start_backlog(b);
	spin_unlock(&b->lock);
	complete_all(&done);
}

static const struct blockdev_ops blk_ops = {
	.submit = blk_submit,
};

// ---- Start -------------------------------------------------------------------

static int
make_slots(struct blk *b)
{
	uint32_t n = b->queue.size / 2;

	b->slots = heap_alloc_array(n, sizeof(*b->slots));
	if (b->slots == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		b->slots[i].next = b->free;
		b->free = &b->slots[i];
	}
	return 0;
}

// Ask how the command line named the disk.  Interrupts don't work yet, so wait
// for the answer here; a device that gives none has no name.
static int
read_serial(struct blk *b)
{
	char id[ID_BYTES + 1] = "";
	struct blk_slot *s = b->free;
	uint64_t end = time_ns() + ID_NS;
	uint32_t written;

	char *answer = heap_zalloc(ID_BYTES);
	if (answer == NULL)
		return -ENOMEM;
	s->type = TYPE_GET_ID;
	s->sector = 0;
	s->status = STATUS_UNTOUCHED;
	const struct virtqueue_part part[] = {
		{ s, offsetof(struct blk_slot, status) },
		{ answer, ID_BYTES },
		{ &s->status, sizeof(s->status) },
	};
	int error = virtqueue_add(&b->queue, part, ARRAY_SIZE(part), 1, s);
	virtio_kick(b->virtio, &b->queue);
	while (error == 0 && virtqueue_take(&b->queue, &written) == NULL) {
		if (time_ns() > end || b->queue.broken != NULL)
			error = -EIO;
		cpu_relax();
	}
	if (error != 0) {
		// The device may still write to it: reset first.
		virtio_reset(b->virtio);
	} else if (__atomic_load_n(&s->status, __ATOMIC_RELAXED) == STATUS_OK) {
		memcpy(id, answer, ID_BYTES);
		string_copy(b->dev.serial, id, sizeof(b->dev.serial));
	}
	heap_free(answer);
	return error;
}

static int
read_config(struct blk *b)
{
	struct virtio_device *d = b->virtio;
	uint64_t sectors = virtio_config64(d, CONFIG_CAPACITY);

	b->dev.blocks = sectors / (BLOCK_SIZE / SECTOR_SIZE);
	b->dev.read_only = (d->features & BLK_F_RO) != 0;
	b->dev.can_flush = (d->features & BLK_F_FLUSH) != 0;
	if ((d->features & BLK_F_SEG_MAX) != 0 &&
	    virtio_config32(d, CONFIG_SEG_MAX) < BLOCK_REQUEST_MAX) {
		print_error("%s: takes %u pieces in a request; %d are needed (QEMU: a larger "
			    "queue-size)",
			    d->name, virtio_config32(d, CONFIG_SEG_MAX), BLOCK_REQUEST_MAX);
		return -ENODEV;
	}
	if ((d->features & BLK_F_SIZE_MAX) != 0 &&
	    virtio_config32(d, CONFIG_SIZE_MAX) < BLOCK_REQUEST_MAX * BLOCK_SIZE) {
		print_error("%s: takes pieces of %u bytes; %d are needed", d->name,
			    virtio_config32(d, CONFIG_SIZE_MAX), BLOCK_REQUEST_MAX * BLOCK_SIZE);
		return -ENODEV;
	}
	return 0;
}

static int
start_device(struct blk *b)
{
	struct virtio_device *d = b->virtio;

	int error = virtio_agree(d, BLK_F_SIZE_MAX | BLK_F_SEG_MAX | BLK_F_RO | BLK_F_FLUSH);
	if (error == 0)
		error = read_config(b);
	if (error == 0)
		error = virtio_setup_queue(d, &b->queue, 0, VIRTQUEUE_MAX);
	if (error != 0)
		return error;
	if (b->queue.size < PARTS_MAX) {
		print_error("%s: its queue has %u descriptors; %d are needed", d->name,
			    b->queue.size, PARTS_MAX);
		return -ENODEV;
	}
	error = make_slots(b);
	if (error != 0)
		return error;
	virtio_ready(d);
	return read_serial(b);
}

static void
describe(const struct blockdev *dev)
{
	print("%s: %llu MiB%s%s%s%s", dev->name,
	      (unsigned long long)(dev->blocks >> (20 - BLOCK_SHIFT)),
	      dev->read_only ? ", read-only" : "", dev->can_flush ? "" : ", cannot flush",
	      dev->serial[0] == '\0' ? "" : ", serial ", dev->serial);
}

static int
blk_start(struct virtio_device *d)
{
	struct blk *b = heap_zalloc(sizeof(*b));

	if (b == NULL)
		return -ENOMEM;
	b->virtio = d;
	b->dev.ops = &blk_ops;
	b->dev.driver = b;
	spin_init(&b->lock, &blk_class);
	list_init(&b->backlog);
	format_string(b->dev.name, sizeof(b->dev.name), "vd%c", 'a' + blk_count);
	int error = blk_count < BLK_MAX ? start_device(b) : -ENOSPC;
	if (error == 0)
		error = irq_register(d->line, b->dev.name, blk_interrupt, b);
	if (error != 0)
		goto reset;
	blk_count++;
	describe(&b->dev);
	error = blockdev_register(&b->dev);
	if (error != 0) { // the interrupt has b already: keep it, do nothing with it
		print_error("%s: not registered (error %d)", b->dev.name, -error);
		b->dead = true;
	}
	return 0;

reset:
	virtio_reset(d);
	heap_free(b->slots);
	virtqueue_free(&b->queue);
	heap_free(b);
	return error;
}

const struct virtio_driver virtio_blk_driver = {
	.name = "virtio-blk",
	.kind = VIRTIO_KIND_BLOCK,
	.start = blk_start,
};
