// SPDX-License-Identifier: MIT
/*
 * The virtio console with several ports (VIRTIO 1.2, section 5.3).
 *
 * The host tells by control messages which ports there are, what they are
 * called and whether somebody is at the other end.  Each port whose name begins
 * with "fawn." becomes /dev/vport/ and the rest of its name (vport.c).  Other
 * ports, and ports that come after boot, are left alone.
 *
 *   1. At boot the control messages are read by polling, until every port that
 *      was announced has its name; then the devices are there before init is.
 *      Later ones are served by the interrupt.
 *   2. All control pages that the device is done with are seen before the
 *      ports' data, under one lock: so "the host has gone" and the last bytes
 *      that it sent are seen together.
 *   3. What the host should know of our opens and closes is state, not a queue
 *      of messages: told_open is what it was told last, and the difference is
 *      sent when there is room.
 */
#include "abi/errno.h"
#include "arch/hart.h"
#include "arch/irq.h"
#include "arch/time.h"
#include "dev/virtio_console_impl.h"
#include "lib/bitmap.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/page.h"

#define VIRTIO_KIND_CONSOLE 3

#define CONSOLE_F_MULTIPORT (UINT64_C(1) << 1) // section 5.3.3
#define CONFIG_MAX_PORTS    4                  // section 5.3.4

// Queues (section 5.3.2)
#define QUEUE_CONTROL_RECEIVE 2
#define QUEUE_CONTROL_SEND    3
#define QUEUE_RECEIVE(port)   ((port) == 0 ? 0 : 2 * (port) + 2)
#define QUEUE_SEND(port)      (QUEUE_RECEIVE(port) + 1)

#define PORTS_MAX     16 // ports of a higher number are left alone
#define CONTROL_SIZE  64 // control messages on their way, each direction
#define CONTROL_BYTES 64 // of one: a header, and a name
#define PORT_QUEUE    VPORT_RECEIVE_PAGES
#define ANNOUNCE_NS   (2 * NS_PER_SEC) // the longest wait for ports and their names
#define QUIET_NS      (2 * NS_PER_MS)  // without a message: that was all

static const char port_prefix[] = "fawn.";

// A control message (section 5.3.6.2)
struct control {
	uint32_t port;
	uint16_t event;
	uint16_t value;
};
enum {
	EVENT_DEVICE_READY = 0,
	EVENT_PORT_ADD = 1,
	EVENT_PORT_REMOVE = 2,
	EVENT_PORT_READY = 3,
	EVENT_PORT_OPEN = 6,
	EVENT_PORT_NAME = 7,
};

/*
 *   I  fixed at start
 *   c  lock
 */
struct vconsole {
	struct virtio_device *virtio;     // [I]
	struct spinlock lock;             // c
	struct virtqueue control_receive; // [c]
	struct virtqueue control_send;    // [c]
	char *control_in;                 // [I] CONTROL_SIZE pieces of CONTROL_BYTES
	struct control *control_out;      // [I] CONTROL_SIZE messages
	uint64_t control_out_used;        // [c] a bit for each of them
	bool booting;                     // [c] ports may still be announced
	bool dead;                        // [c] the device was given up
	uint32_t unnamed;                 // [c] ports announced that have no name yet
	uint32_t ports;                   // [I] numbers are below this
	struct vport port[PORTS_MAX];     // with queues, whether they are ours or not
};
_Static_assert(CONTROL_SIZE == 64, "control_out_used is one word");

static struct lock_class vconsole_class = LOCK_CLASS("virtio-console", RANK_DRIVER);

// ---- Control messages to the host --------------------------------------------

static int
send_control(struct vconsole *c, uint32_t port, uint16_t event, uint16_t value)
{
	struct control *m;
	uint32_t written;

	assert_held(&c->lock);
	while ((m = virtqueue_take(&c->control_send, &written)) != NULL)
		bitmap_clear(&c->control_out_used, (size_t)(m - c->control_out));
	size_t i = bitmap_find_clear(&c->control_out_used, CONTROL_SIZE, 0);
	if (i == CONTROL_SIZE)
		return -ENOSPC;
	m = &c->control_out[i];
	*m = (struct control){ port, event, value };
	const struct virtqueue_part part = { m, sizeof(*m) };
	int error = virtqueue_add(&c->control_send, &part, 1, 1, m);
	if (error != 0)
		return error;
	bitmap_set(&c->control_out_used, i);
	virtio_kick(c->virtio, &c->control_send);
	return 0;
}

void
vconsole_tell_opens(struct vconsole *c)
{
	assert_held(&c->lock);
	for (uint32_t i = 0; i < c->ports; i++) {
		struct vport *p = &c->port[i];
		bool open = p->opens > 0;
		if (p->told_open != open && send_control(c, i, EVENT_PORT_OPEN, open) == 0)
			p->told_open = open;
	}
}

// ---- Control messages from the host ------------------------------------------

static bool
name_usable(const char *name)
{
	if (*name == '\0' || *name == '.')
		return false;
	for (; *name != '\0'; name++)
		if (*name <= ' ' || *name > '~' || *name == '/')
			return false;
	return true;
}

static void
set_name(struct vport *p, const char *name)
{
	const size_t prefix = sizeof(port_prefix) - 1;

	if (strncmp(name, port_prefix, prefix) != 0)
		return;
	name += prefix;
	if (name_usable(name))
		format_string(p->path, sizeof(p->path), "vport/%s", name);
	else
		print_warn("virtio-console: a port's name can't be a file's; left alone");
}

// m came with the rest of the message, a name, behind it.
static void
serve_control(struct vconsole *c, const struct control *m, const char *name)
{
	if (m->port >= c->ports) {
		print_warn("virtio-console: port %u is beyond our %u; left alone", m->port,
			   c->ports);
		return;
	}
	struct vport *p = &c->port[m->port];
	uint32_t bit = UINT32_C(1) << m->port;

	switch (m->event) {
	case EVENT_PORT_ADD:
		if (c->booting)
			c->unnamed |= bit;
		send_control(c, m->port, EVENT_PORT_READY, 1);
		break;
	case EVENT_PORT_NAME:
		c->unnamed &= ~bit;
		if (c->booting)
			set_name(p, name);
		break;
	case EVENT_PORT_OPEN:
		vport_set_host(p, m->value != 0);
		break;
	case EVENT_PORT_REMOVE:
		vport_set_host(p, false);
		break;
	default:
		break; // section 5.3.6.2 has more, of no use here
	}
}

static void
post_control(struct vconsole *c, char *piece)
{
	const struct virtqueue_part part = { piece, CONTROL_BYTES };

	virtqueue_add(&c->control_receive, &part, 1, 0, piece);
}

// Read all control messages that are there.  Returns whether there were any.
static bool
receive_control(struct vconsole *c)
{
	char *piece;
	uint32_t written;
	bool any = false;

	assert_held(&c->lock);
	while ((piece = virtqueue_take(&c->control_receive, &written)) != NULL) {
		struct control m;
		char name[CONTROL_BYTES] = "";
		memcpy(&m, piece, sizeof(m));
		if (written > sizeof(m))
			memcpy(name, piece + sizeof(m), written - sizeof(m));
		if (written >= sizeof(m))
			serve_control(c, &m, name);
		post_control(c, piece);
		any = true;
	}
	virtio_kick(c->virtio, &c->control_receive);
	return any;
}

// ---- Interrupt ---------------------------------------------------------------

static const char *
find_trouble(struct vconsole *c, uint32_t why)
{
	if ((why & VIRTIO_IRQ_CONFIG) != 0 && virtio_needs_reset(c->virtio))
		return "asks for a reset";
	if (c->control_receive.broken != NULL)
		return c->control_receive.broken;
	if (c->control_send.broken != NULL)
		return c->control_send.broken;
	for (uint32_t i = 0; i < c->ports; i++) {
		if (c->port[i].receive_queue.broken != NULL)
			return c->port[i].receive_queue.broken;
		if (c->port[i].send_queue.broken != NULL)
			return c->port[i].send_queue.broken;
	}
	return NULL;
}

static void
give_up(struct vconsole *c, const char *why)
{
	print_error("virtio-console: given up: %s: %s; nobody is at its other end any more",
		    c->virtio->name, why);
	c->dead = true;
	virtio_give_up(c->virtio);
	for (uint32_t i = 0; i < c->ports; i++)
		vport_set_host(&c->port[i], false);
}

static void
vconsole_interrupt(void *arg)
{
	struct vconsole *c = arg;

	uint32_t why = virtio_acknowledge(c->virtio);
	spin_lock(&c->lock);
	if (!c->dead) {
		receive_control(c);
		for (uint32_t i = 0; i < c->ports; i++)
			vport_serve(&c->port[i]);
		vconsole_tell_opens(c);
		const char *trouble = find_trouble(c, why);
		if (trouble != NULL)
			give_up(c, trouble);
	}
	spin_unlock(&c->lock);
}

// ---- Start -------------------------------------------------------------------

static int
setup_queues(struct vconsole *c)
{
	struct virtio_device *d = c->virtio;

	int error = virtio_setup_queue(d, &c->control_receive, QUEUE_CONTROL_RECEIVE, CONTROL_SIZE);
	if (error == 0)
		error = virtio_setup_queue(d, &c->control_send, QUEUE_CONTROL_SEND, CONTROL_SIZE);
	for (uint32_t i = 0; i < c->ports && error == 0; i++) {
		struct vport *p = &c->port[i];
		p->console = c;
		p->virtio = d;
		p->lock = &c->lock;
		list_init(&p->full);
		waitqueue_init(&p->readers, "port input");
		waitqueue_init(&p->writers, "port output");
		error = virtio_setup_queue(d, &p->receive_queue, QUEUE_RECEIVE(i), PORT_QUEUE);
		if (error == 0)
			error = virtio_setup_queue(d, &p->send_queue, QUEUE_SEND(i), PORT_QUEUE);
	}
	return error;
}

// Rule 1.
static void
hear_announcements(struct vconsole *c)
{
	uint64_t end = time_ns() + ANNOUNCE_NS;
	uint64_t quiet = end; // until the first message has come

	spin_lock(&c->lock);
	for (unsigned i = 0; i < c->control_receive.size; i++)
		post_control(c, c->control_in + i * CONTROL_BYTES);
	virtio_kick(c->virtio, &c->control_receive);
	send_control(c, 0, EVENT_DEVICE_READY, 1);
	// Looks before it looks at the time: a busy host may have kept us off.
	for (;;) {
		if (receive_control(c))
			quiet = time_ns() + QUIET_NS;
		else if (time_ns() >= end || (c->unnamed == 0 && time_ns() >= quiet))
			break;
		else
			cpu_relax();
	}
	c->booting = false;
	spin_unlock(&c->lock);
}

// A named port gets its pages and its place below /dev.
static int
offer_port(struct vconsole *c, struct vport *p)
{
	struct page *page[VPORT_RECEIVE_PAGES + 1];

	for (unsigned i = 0; i < ARRAY_SIZE(page); i++) {
		page[i] = page_alloc(0);
		if (page[i] == NULL) {
			while (i-- > 0)
				page_put(page[i]);
			return -ENOMEM;
		}
	}
	spin_lock(&c->lock);
	p->send_page = page_to_virt(page[VPORT_RECEIVE_PAGES]);
	for (unsigned i = 0; i < VPORT_RECEIVE_PAGES; i++) {
		p->buffer[i].bytes = page_to_virt(page[i]);
		vport_post(p, &p->buffer[i]);
	}
	virtio_kick(c->virtio, &p->receive_queue);
	spin_unlock(&c->lock);
	p->chardev.name = p->path;
	p->chardev.mode = 0600;
	p->chardev.ops = &vport_file_ops;
	p->chardev.open = vport_open;
	p->chardev.driver = p;
	return chardev_register(&p->chardev);
}

static int
make_console(struct virtio_device *d, struct vconsole *c)
{
	int error = virtio_agree(d, CONSOLE_F_MULTIPORT);
	if (error != 0)
		return error;
	if ((d->features & CONSOLE_F_MULTIPORT) == 0) {
		print_error("%s: a console without named ports", d->name);
		return -ENODEV;
	}
	c->ports = MIN(virtio_config32(d, CONFIG_MAX_PORTS), PORTS_MAX);
	c->control_in = heap_alloc_array(CONTROL_SIZE, CONTROL_BYTES);
	c->control_out = heap_alloc_array(CONTROL_SIZE, sizeof(struct control));
	if (c->control_in == NULL || c->control_out == NULL)
		return -ENOMEM;
	error = setup_queues(c);
	return error != 0 ? error : irq_register(d->line, "virtio-console", vconsole_interrupt, c);
}

static void
free_console(struct vconsole *c)
{
	virtio_reset(c->virtio);
	for (uint32_t i = 0; i < c->ports; i++) {
		virtqueue_free(&c->port[i].receive_queue);
		virtqueue_free(&c->port[i].send_queue);
	}
	virtqueue_free(&c->control_receive);
	virtqueue_free(&c->control_send);
	heap_free(c->control_in);
	heap_free(c->control_out);
	heap_free(c);
}

static int
vconsole_start(struct virtio_device *d)
{
	struct vconsole *c = heap_zalloc(sizeof(*c));

	if (c == NULL)
		return -ENOMEM;
	c->virtio = d;
	c->booting = true;
	spin_init(&c->lock, &vconsole_class);
	int error = make_console(d, c);
	if (error != 0) {
		free_console(c);
		return error;
	}
	virtio_ready(d);
	hear_announcements(c);
	for (uint32_t i = 0; i < c->ports; i++) {
		struct vport *p = &c->port[i];
		if (p->path[0] == '\0')
			continue;
		error = offer_port(c, p);
		if (error != 0)
			print_error("%s: not offered (error %d)", p->path, -error);
		else
			print_debug("%s: port %u of %s", p->path, i, d->name);
	}
	return 0;
}

const struct virtio_driver virtio_console_driver = {
	.name = "virtio-console",
	.kind = VIRTIO_KIND_CONSOLE,
	.start = vconsole_start,
};
