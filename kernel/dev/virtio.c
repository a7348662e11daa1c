// SPDX-License-Identifier: MIT
/*
 * Virtio over MMIO (VIRTIO 1.2, section 4.2): finding the devices, and what
 * all drivers do with their registers.
 *
 * QEMU's virt machine has eight windows, most of them empty, and fills them
 * from the highest address down in the order of its command line.  So do we:
 * the first disk of the command line is vda.
 */
#include "dev/virtio.h"

#include "abi/errno.h"
#include "arch/fdt.h"
#include "arch/hart.h"
#include "arch/mmio.h"
#include "arch/time.h"
#include "dev/dev.h"
#include "lib/math.h"
#include "lib/print.h"
#include "mm/heap.h"

// Registers (section 4.2.2)
#define REG_MAGIC                  0x000
#define REG_VERSION                0x004
#define REG_DEVICE_ID              0x008
#define REG_DEVICE_FEATURES        0x010
#define REG_DEVICE_FEATURES_SELECT 0x014
#define REG_DRIVER_FEATURES        0x020
#define REG_DRIVER_FEATURES_SELECT 0x024
#define REG_QUEUE_SELECT           0x030
#define REG_QUEUE_MAX              0x034
#define REG_QUEUE_SIZE             0x038
#define REG_QUEUE_READY            0x044
#define REG_QUEUE_NOTIFY           0x050
#define REG_IRQ_STATUS             0x060
#define REG_IRQ_ACK                0x064
#define REG_STATUS                 0x070
#define REG_QUEUE_DESC             0x080 // each of 64 bits, low half first
#define REG_QUEUE_DRIVER           0x090
#define REG_QUEUE_DEVICE           0x0a0
#define REG_GENERATION             0x0fc
#define REG_CONFIG                 0x100

#define MAGIC   0x74726976 // "virt"
#define VERSION 2

// Device status (section 2.1)
#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER      2
#define STATUS_DRIVER_OK   4
#define STATUS_FEATURES_OK 8
#define STATUS_NEEDS_RESET 64
#define STATUS_FAILED      128

#define WINDOWS_MAX  32
#define RESET_NS     (100 * NS_PER_MS)
#define CONFIG_TRIES 100 // a device whose registers never hold still is broken

static const struct virtio_driver *const drivers[] = {
	&virtio_blk_driver,
	&virtio_console_driver,
};

static uint32_t
reg_read(const struct virtio_device *d, uint32_t reg)
{
	return mmio_read32(d->regs + reg);
}

static void
reg_write(struct virtio_device *d, uint32_t reg, uint32_t value)
{
	mmio_write32(d->regs + reg, value);
}

static void
reg_write64(struct virtio_device *d, uint32_t reg, uint64_t value)
{
	reg_write(d, reg, (uint32_t)value);
	reg_write(d, reg + 4, (uint32_t)(value >> 32));
}

static void
add_status(struct virtio_device *d, uint32_t bits)
{
	reg_write(d, REG_STATUS, reg_read(d, REG_STATUS) | bits);
}

// ---- What drivers call -------------------------------------------------------

int
virtio_agree(struct virtio_device *d, uint64_t wanted)
{
	uint64_t offered = 0;

	for (uint32_t i = 0; i < 2; i++) {
		reg_write(d, REG_DEVICE_FEATURES_SELECT, i);
		offered |= (uint64_t)reg_read(d, REG_DEVICE_FEATURES) << 32 * i;
	}
	d->features = offered & (wanted | VIRTIO_F_VERSION_1);
	if ((d->features & VIRTIO_F_VERSION_1) == 0) {
		print_error("%s: does not offer VIRTIO_F_VERSION_1; not used", d->name);
		return -ENODEV;
	}
	for (uint32_t i = 0; i < 2; i++) {
		reg_write(d, REG_DRIVER_FEATURES_SELECT, i);
		reg_write(d, REG_DRIVER_FEATURES, (uint32_t)(d->features >> 32 * i));
	}
	add_status(d, STATUS_FEATURES_OK);
	if ((reg_read(d, REG_STATUS) & STATUS_FEATURES_OK) == 0) {
		print_error("%s: refuses the features %#llx; not used", d->name,
			    (unsigned long long)d->features);
		return -ENODEV;
	}
	return 0;
}

int
virtio_setup_queue(struct virtio_device *d, struct virtqueue *q, uint32_t index, uint32_t max)
{
	reg_write(d, REG_QUEUE_SELECT, index);
	uint32_t size = 1;
	uint32_t most = MIN(reg_read(d, REG_QUEUE_MAX), MIN(max, VIRTQUEUE_MAX));
	if (most == 0 || reg_read(d, REG_QUEUE_READY) != 0)
		return -ENODEV;
	while (size * 2 <= most)
		size *= 2;
	int error = virtqueue_init(q, index, size);
	if (error != 0)
		return error;
	reg_write(d, REG_QUEUE_SIZE, size);
	reg_write64(d, REG_QUEUE_DESC, virt_to_phys(q->desc));
	reg_write64(d, REG_QUEUE_DRIVER, virt_to_phys(q->avail));
	reg_write64(d, REG_QUEUE_DEVICE, virt_to_phys(q->used));
	reg_write(d, REG_QUEUE_READY, 1);
	return 0;
}

void
virtio_ready(struct virtio_device *d)
{
	add_status(d, STATUS_DRIVER_OK);
}

void
virtio_reset(struct virtio_device *d)
{
	uint64_t end = time_ns() + RESET_NS;

	reg_write(d, REG_STATUS, 0);
	while (reg_read(d, REG_STATUS) != 0) {
		if (time_ns() > end) {
			print_error("%s: does not reset", d->name);
			return;
		}
		cpu_relax();
	}
}

void
virtio_give_up(struct virtio_device *d)
{
	virtio_reset(d);
	reg_write(d, REG_STATUS, STATUS_FAILED);
}

void
virtio_kick(struct virtio_device *d, struct virtqueue *q)
{
	if (virtqueue_kick_needed(q))
		reg_write(d, REG_QUEUE_NOTIFY, q->index);
}

uint32_t
virtio_acknowledge(struct virtio_device *d)
{
	uint32_t why = reg_read(d, REG_IRQ_STATUS);

	reg_write(d, REG_IRQ_ACK, why);
	return why;
}

bool
virtio_needs_reset(struct virtio_device *d)
{
	return (reg_read(d, REG_STATUS) & STATUS_NEEDS_RESET) != 0;
}

uint32_t
virtio_config32(struct virtio_device *d, uint32_t offset)
{
	return reg_read(d, REG_CONFIG + offset);
}

uint64_t
virtio_config64(struct virtio_device *d, uint32_t offset)
{
	uint32_t before, low, high;
	unsigned tries = 0;

	do {
		before = reg_read(d, REG_GENERATION);
		low = reg_read(d, REG_CONFIG + offset);
		high = reg_read(d, REG_CONFIG + offset + 4);
	} while (reg_read(d, REG_GENERATION) != before && ++tries < CONFIG_TRIES);
	return (uint64_t)high << 32 | low;
}

// ---- Finding devices ---------------------------------------------------------

static const struct virtio_driver *
find_driver(uint32_t kind)
{
	for (unsigned i = 0; i < ARRAY_SIZE(drivers); i++)
		if (drivers[i]->kind == kind)
			return drivers[i];
	return NULL;
}

// Whether there is a device behind the window that we can talk to.
static bool
check_window(const struct virtio_device *d)
{
	if (reg_read(d, REG_MAGIC) != MAGIC) {
		print_warn("%s: no virtio window, whatever the device tree says", d->name);
		return false;
	}
	if (reg_read(d, REG_DEVICE_ID) == 0)
		return false; // an empty window
	uint32_t version = reg_read(d, REG_VERSION);
	if (version == VERSION)
		return true;
	print_error("%s: a device of kind %u speaks virtio-mmio version %u, not %d; start QEMU "
		    "with -global virtio-mmio.force-legacy=false",
		    d->name, reg_read(d, REG_DEVICE_ID), version, VERSION);
	return false;
}

static void
start_window(paddr_t base, uint32_t line)
{
	struct virtio_device *d = heap_zalloc(sizeof(*d));

	if (d == NULL) {
		print_error("virtio: out of memory for the device at %#llx",
			    (unsigned long long)base);
		return;
	}
	d->regs = mmio_map(base);
	d->line = line;
	format_string(d->name, sizeof(d->name), "virtio@%llx", (unsigned long long)base);
	if (!check_window(d)) {
		heap_free(d);
		return;
	}
	d->kind = reg_read(d, REG_DEVICE_ID);
	const struct virtio_driver *driver = find_driver(d->kind);
	if (driver == NULL) {
		print_debug("%s: no driver for a device of kind %u", d->name, d->kind);
		heap_free(d);
		return;
	}
	virtio_reset(d);
	add_status(d, STATUS_ACKNOWLEDGE);
	add_status(d, STATUS_DRIVER);
	int error = driver->start(d);
	if (error == 0)
		return;
	print_error("%s: %s does not start (error %d)", d->name, driver->name, -error);
	virtio_give_up(d);
	heap_free(d);
}

void
virtio_init(void)
{
	struct {
		paddr_t base;
		uint32_t line;
	} window[WINDOWS_MAX];
	unsigned n = 0;
	paddr_t base;
	uint64_t size;

	for (fdt_node_t node = fdt_next_compatible(FDT_NONE, "virtio,mmio");
	     node != FDT_NONE && n < WINDOWS_MAX; node = fdt_next_compatible(node, "virtio,mmio")) {
		if (!fdt_reg(node, 0, &base, &size))
			continue;
		unsigned i = n++;
		for (; i > 0 && window[i - 1].base < base; i--)
			window[i] = window[i - 1];
		window[i].base = base;
		window[i].line = fdt_interrupt(node, 0);
	}
	for (unsigned i = 0; i < n; i++)
		start_window(window[i].base, window[i].line);
}
