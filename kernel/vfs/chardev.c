// SPDX-License-Identifier: MIT
/*
 * The list of character devices.
 *
 * Devices come and never go, so one that was found may be used without a lock.
 * They are few and are looked for when a file is opened, so a list serves.
 */
#include "vfs/chardev.h"

#include "abi/errno.h"
#include "abi/sysmacros.h"
#include "lib/string.h"
#include "lock/spinlock.h"

// Numbers for devices that don't care: Linux keeps this major number for local
// use (Documentation/admin-guide/devices.txt).
#define MAJOR_LOCAL 60

static struct lock_class chardev_class = LOCK_CLASS("character devices", RANK_LEAF);
static struct spinlock lock = SPINLOCK_INIT(&chardev_class);
static struct list devices = LIST_INIT(devices); // [lock]
static uint32_t count;                           // [lock]

// The device after dev, or the first.  This and the searches want the lock.
static struct chardev *
next_device(const struct chardev *dev)
{
	const struct list *l = dev == NULL ? devices.next : dev->link.next;

	return l == &devices ? NULL : container_of(l, struct chardev, link);
}

static struct chardev *
find_id(uint64_t id)
{
	struct chardev *dev = NULL;

	while ((dev = next_device(dev)) != NULL)
		if (dev->id == id)
			break;
	return dev;
}

static struct chardev *
find_name(const char *name)
{
	struct chardev *dev = NULL;

	while ((dev = next_device(dev)) != NULL)
		if (strcmp(dev->name, name) == 0)
			break;
	return dev;
}

int
chardev_register(struct chardev *dev)
{
	int error = 0;

	spin_lock(&lock);
	if (dev->id == 0)
		dev->id = makedev(MAJOR_LOCAL, count);
	if (find_name(dev->name) != NULL || find_id(dev->id) != NULL) {
		error = -EEXIST;
	} else {
		list_push_back(&devices, &dev->link);
		count++;
	}
	spin_unlock(&lock);
	return error;
}

struct chardev *
chardev_find(uint64_t id)
{
	spin_lock(&lock);
	struct chardev *dev = find_id(id);
	spin_unlock(&lock);
	return dev;
}

struct chardev *
chardev_find_name(const char *name)
{
	spin_lock(&lock);
	struct chardev *dev = find_name(name);
	spin_unlock(&lock);
	return dev;
}

struct chardev *
chardev_at(unsigned i)
{
	spin_lock(&lock);
	struct chardev *dev = next_device(NULL);
	while (dev != NULL && i-- > 0)
		dev = next_device(dev);
	spin_unlock(&lock);
	return dev;
}

int
chardev_open(struct vnode *v, struct file *f)
{
	struct chardev *dev = chardev_find(v->device);

	if (dev == NULL)
		return -ENXIO;
	f->ops = dev->ops;
	f->data = dev;
	int error = dev->open != NULL ? dev->open(dev, f) : 0;
	if (error != 0)
		f->ops = &file_vnode_ops; // the device has nothing to close
	return error;
}
