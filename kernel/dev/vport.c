// SPDX-License-Identifier: MIT
/*
 * Ports of a virtio console as character devices /dev/vport/NAME.
 *
 * A port is a pair of byte streams with backpressure.  From the host: a few
 * pages that the device fills; a page that has been read goes back to the
 * device, and when all are full the host waits.  To the host: one page, which
 * is the device's until it has passed the bytes on; a writer waits for that, so
 * when write() returns the host has them.  QEMU does its part before the store
 * that tells it so is done, so a write hardly ever sleeps, and output has its
 * place in a run that repeats.
 *
 *   1. A read waits until there are bytes or the host has gone.  What came
 *      before it went is read first; then reads return 0.
 *   2. While no host has come yet, reads and writes wait for one.
 *   3. A write to a port whose host has gone is -EPIPE.
 *   4. One reader at a time has a page out of the list, one writer has the
 *      send page; so user memory is touched without the lock.  Who finds the
 *      other page in use waits on the same queue.
 */
#include "abi/errno.h"
#include "dev/virtio_console_impl.h"
#include "lib/panic.h"

// ---- With the lock held ------------------------------------------------------

void
vport_post(struct vport *p, struct vport_buffer *b)
{
	const struct virtqueue_part part = { b->bytes, PAGE_SIZE };

	b->size = 0;
	b->done = 0;
	// There is a descriptor for each page.  A broken queue brings nothing.
	virtqueue_add(&p->receive_queue, &part, 1, 0, b);
}

void
vport_serve(struct vport *p)
{
	struct vport_buffer *b;
	uint32_t written;

	while ((b = virtqueue_take(&p->receive_queue, &written)) != NULL) {
		b->size = written;
		if (written == 0)
			vport_post(p, b);
		else
			list_push_back(&p->full, &b->link);
	}
	if (!list_empty(&p->full))
		wake_all(&p->readers);
	if (virtqueue_take(&p->send_queue, &written) != NULL) {
		p->send = VPORT_IDLE;
		wake_all(&p->writers);
	}
}

void
vport_set_host(struct vport *p, bool open)
{
	assert_held(p->lock);
	p->host_open = open;
	p->host_was_open = true;
	wake_all(&p->readers);
	wake_all(&p->writers);
}

static bool
host_gone(const struct vport *p)
{
	return p->host_was_open && !p->host_open;
}

// ---- Reading -----------------------------------------------------------------

// Take the first full page off the list.  NULL: the host has gone.
static int
take_full(struct file *f, struct vport *p, struct vport_buffer **b)
{
	*b = NULL;
	while (list_empty(&p->full)) {
		if (host_gone(p))
			return 0;
		if ((f->flags & O_NONBLOCK) != 0)
			return -EAGAIN;
		int error = sleep_on(&p->readers, p->lock, SLEEP_INTERRUPTIBLE, DEADLINE_NONE);
		if (error != 0)
			return error;
	}
	*b = container_of(list_pop_front(&p->full), struct vport_buffer, link);
	return 0;
}

static int
vport_read(struct file *f, struct uio *uio)
{
	struct vport *p = f->data;
	struct vport_buffer *b;
	uint64_t wanted = uio->left;
	int error = 0;

	spin_lock(p->lock);
	while (error == 0 && uio->left > 0 && (uio->left == wanted || !list_empty(&p->full))) {
		error = take_full(f, p, &b);
		if (error != 0 || b == NULL)
			break;
		spin_unlock(p->lock);
		uint64_t before = uio->left;
		error = uio_copy(uio, b->bytes + b->done, b->size - b->done);
		b->done += (uint32_t)(before - uio->left);
		spin_lock(p->lock);
		if (b->done < b->size) {
			list_push_front(&p->full, &b->link);
			wake_all(&p->readers);
		} else {
			vport_post(p, b);
			virtio_kick(p->virtio, &p->receive_queue);
		}
	}
	spin_unlock(p->lock);
	return error;
}

// ---- Writing -----------------------------------------------------------------

// Wait until the device is done with the send page, for a new one if claim.
static int
wait_send(struct file *f, struct vport *p, bool claim)
{
	for (;;) {
		if (host_gone(p))
			return -EPIPE;
		if (p->send == VPORT_IDLE && (p->host_open || !claim)) {
			if (claim)
				p->send = VPORT_FILLING;
			return 0;
		}
		if ((f->flags & O_NONBLOCK) != 0)
			return -EAGAIN;
		int error = sleep_on(&p->writers, p->lock, SLEEP_INTERRUPTIBLE, DEADLINE_NONE);
		if (error != 0)
			return error;
	}
}

// The page that the caller has filled with n bytes goes to the device.
static void
send_page(struct vport *p, uint64_t n)
{
	const struct virtqueue_part part = { p->send_page, (uint32_t)n };

	if (n == 0 || virtqueue_add(&p->send_queue, &part, 1, 1, p) != 0) {
		p->send = VPORT_IDLE;
		wake_all(&p->writers);
		return;
	}
	p->send = VPORT_SENT;
	virtio_kick(p->virtio, &p->send_queue);
	vport_serve(p);
}

static int
vport_write(struct file *f, struct uio *uio)
{
	struct vport *p = f->data;
	int error = 0;

	spin_lock(p->lock);
	while (error == 0 && uio->left > 0) {
		error = wait_send(f, p, true);
		if (error != 0)
			break;
		spin_unlock(p->lock);
		uint64_t before = uio->left;
		error = uio_copy(uio, p->send_page, PAGE_SIZE);
		spin_lock(p->lock);
		send_page(p, before - uio->left);
	}
	// What was sent is sent, whatever ends this wait.
	if (error == 0)
		wait_send(f, p, false);
	spin_unlock(p->lock);
	return error;
}

// ---- Opening and closing -----------------------------------------------------

static void
vport_close(struct file *f)
{
	struct vport *p = f->data;

	spin_lock(p->lock);
	p->opens--;
	vconsole_tell_opens(p->console);
	spin_unlock(p->lock);
}

int
vport_open(struct chardev *dev, struct file *f)
{
	struct vport *p = dev->driver;

	f->data = p;
	spin_lock(p->lock);
	p->opens++;
	vconsole_tell_opens(p->console);
	spin_unlock(p->lock);
	return 0;
}

const struct file_ops vport_file_ops = {
	.name = "vport",
	.read = vport_read,
	.write = vport_write,
	.close = vport_close,
};
