// SPDX-License-Identifier: MIT
/*
 * devfs: the devices as files.
 *
 * Nothing is stored: the tree is what the tables of devices say at the moment.
 * A character device stands at its name, and a slash in the name makes a
 * directory ("vport/stdin"); block devices stand in the root.
 *
 * A vnode's number says what it is:
 *
 *	character device i       CHAR + i
 *	block device i           BLOCK + i
 *	directory                DIRECTORY * depth + i: the one in which character
 *	                         device i, the first of those in it, lies; the root
 *	                         is depth 0 and number ROOT
 *
 * Devices come at any time but never go, so a number stays right.  Names can be
 * neither made nor removed by users.
 */
#include "fs/fs.h"

#include "abi/errno.h"
#include "abi/limits.h"
#include "arch/time.h"
#include "fs/devfs_impl.h"
#include "lib/string.h"
#include "sched/clock.h"
#include "vfs/chardev.h"
#include "vfs/mount.h"

#define ROOT      UINT64_C(1)
#define CHAR      (UINT64_C(1) << 16)
#define BLOCK     (UINT64_C(2) << 16)
#define DIRECTORY (UINT64_C(1) << 20)
#define INDEX     UINT64_C(0xffff)

// Cookies of readdir: those of "." and "..", then devices.
#define COOKIE_DOT_DOT 1
#define COOKIE_CHAR    2

#define MAGIC 0x1373 // what Linux's devfs had

static uint64_t mounted_ns; // since 1970

// ---- Directories -------------------------------------------------------------

static unsigned
depth_of(const struct vnode *dir)
{
	return dir->number == ROOT ? 0 : (unsigned)(dir->number / DIRECTORY);
}

static uint64_t
directory_number(unsigned depth, unsigned i)
{
	return depth == 0 ? ROOT : DIRECTORY * depth + i;
}

// The length of the first depth components of a name, with their slashes; or
// the whole length if it has not so many.
static size_t
prefix_length(const char *name, unsigned depth)
{
	const char *at = name;

	for (; depth > 0; depth--) {
		const char *slash = strchr(at, '/');
		if (slash == NULL)
			return strlen(name);
		at = slash + 1;
	}
	return (size_t)(at - name);
}

// The first character device that lies in the same directory of this depth.
static unsigned
first_in_directory(unsigned depth, unsigned i)
{
	const char *name = chardev_at(i)->name;
	size_t length = prefix_length(name, depth);
	unsigned first = 0;

	while (strncmp(chardev_at(first)->name, name, length) != 0)
		first++;
	return first;
}

// What a directory has of one character device: an entry, or NULL.
struct entry {
	const char *name;
	size_t length;
	uint64_t number;
	enum vnode_type type;
};

static bool
entry_of(const struct vnode *dir, unsigned i, struct entry *e)
{
	unsigned depth = depth_of(dir);
	const char *path = chardev_at(i)->name;

	if (depth > 0) {
		const char *first = chardev_at((unsigned)(dir->number & INDEX))->name;
		if (strncmp(path, first, prefix_length(first, depth)) != 0)
			return false;
	}
	e->name = path + prefix_length(path, depth);
	const char *slash = strchr(e->name, '/');
	if (slash == NULL) {
		e->length = strlen(e->name);
		e->number = CHAR + i;
		e->type = VNODE_CHARDEV;
		return true;
	}
	// The directory is shown once.
	if (first_in_directory(depth + 1, i) != i)
		return false;
	e->length = (size_t)(slash - e->name);
	e->number = directory_number(depth + 1, i);
	e->type = VNODE_DIRECTORY;
	return true;
}

static void
block_entry(unsigned i, const struct blockdev *dev, struct entry *e)
{
	e->name = dev->name;
	e->length = strlen(dev->name);
	e->number = BLOCK + i;
	e->type = VNODE_BLOCKDEV;
}

static uint64_t
parent_number(const struct vnode *dir)
{
	unsigned depth = depth_of(dir);

	if (depth <= 1)
		return ROOT;
	return directory_number(depth - 1,
				first_in_directory(depth - 1, (unsigned)(dir->number & INDEX)));
}

// The entry at *cookie, which moves behind it.  False at the end.
static bool
next_entry(const struct vnode *dir, uint64_t *cookie, struct entry *e)
{
	struct blockdev *dev;

	if (*cookie <= COOKIE_DOT_DOT) {
		e->name = "..";
		e->length = *cookie + 1;
		e->number = *cookie == 0 ? dir->number : parent_number(dir);
		e->type = VNODE_DIRECTORY;
		++*cookie;
		return true;
	}
	while (*cookie < BLOCK) {
		unsigned i = (unsigned)(*cookie - COOKIE_CHAR);
		if (chardev_at(i) == NULL) {
			*cookie = BLOCK;
			break;
		}
		++*cookie;
		if (entry_of(dir, i, e))
			return true;
	}
	if (depth_of(dir) > 0 || (dev = blockdev_at((unsigned)(*cookie - BLOCK))) == NULL)
		return false;
	block_entry((unsigned)(*cookie - BLOCK), dev, e);
	++*cookie;
	return true;
}

static int
devfs_lookup(struct vnode *dir, const char *name, size_t length, uint64_t *number)
{
	uint64_t cookie = 0;
	struct entry e;

	while (next_entry(dir, &cookie, &e)) {
		if (e.length == length && memcmp(e.name, name, length) == 0) {
			*number = e.number;
			return 0;
		}
	}
	return -ENOENT;
}

static int
devfs_readdir(struct vnode *dir, uint64_t *cookie, readdir_emit_fn emit, void *arg)
{
	uint64_t next = *cookie;
	struct entry e;

	while (next_entry(dir, &next, &e)) {
		if (!emit(arg, e.name, e.length, e.number, e.type, next))
			break;
		*cookie = next;
	}
	return 0;
}

// ---- Nodes -------------------------------------------------------------------

static int
devfs_getattr(struct vnode *v, struct stat *st)
{
	uint64_t i = v->number & INDEX;

	if (v->type == VNODE_DIRECTORY)
		st->st_mode = 0755;
	else if (v->type == VNODE_CHARDEV)
		st->st_mode = chardev_at((unsigned)i)->mode;
	else
		st->st_mode = blockdev_at((unsigned)i)->read_only ? 0440 : 0660;
	st->st_mtim.tv_sec = (time_t)(mounted_ns / NS_PER_SEC);
	st->st_mtim.tv_nsec = (int64_t)(mounted_ns % NS_PER_SEC);
	st->st_atim = st->st_mtim;
	st->st_ctim = st->st_mtim;
	return 0;
}

// A device's times may be set, which changes nothing; nothing else may.
static int
devfs_setattr(struct vnode *v, const struct vnode_setattr *change)
{
	(void)v;
	return change->set & ~(unsigned)(SETATTR_ATIME | SETATTR_MTIME) ? -EPERM : 0;
}

static const struct vnode_ops directory_ops = {
	.lookup = devfs_lookup,
	.readdir = devfs_readdir,
	.getattr = devfs_getattr,
	.setattr = devfs_setattr,
};

static const struct vnode_ops char_ops = {
	.open = chardev_open,
	.getattr = devfs_getattr,
	.setattr = devfs_setattr,
};

static const struct vnode_ops block_ops = {
	.open = devfs_block_open,
	.sync = devfs_block_sync,
	.getattr = devfs_getattr,
	.setattr = devfs_setattr,
};

// ---- The file system ---------------------------------------------------------

static int
devfs_load(struct mount *m, struct vnode *v)
{
	unsigned i = (unsigned)(v->number & INDEX);

	(void)m;
	v->links = 1;
	if (v->number == ROOT || v->number >= DIRECTORY) {
		v->type = VNODE_DIRECTORY;
		v->ops = &directory_ops;
		v->links = 2;
	} else if (v->number >= BLOCK) {
		v->type = VNODE_BLOCKDEV;
		v->ops = &block_ops;
		v->device = blockdev_at(i)->id;
	} else {
		v->type = VNODE_CHARDEV;
		v->ops = &char_ops;
		v->device = chardev_at(i)->id;
	}
	return 0;
}

static int
devfs_mount(struct mount *m, const char *source, const char *options)
{
	(void)source;
	(void)options;
	m->root_number = ROOT;
	m->flags |= MOUNT_NAMES_VOLATILE;
	mounted_ns = clock_realtime_ns();
	return 0;
}

static void
devfs_unmount(struct mount *m)
{
	(void)m;
}

static int
devfs_statfs(struct mount *m, struct statfs_info *info)
{
	(void)m;
	*info = (struct statfs_info){ .magic = MAGIC, .block_size = 4096, .name_max = NAME_MAX };
	return 0;
}

static struct fs_type devfs_type = {
	.name = "devfs",
	.mount = devfs_mount,
	.unmount = devfs_unmount,
	.load = devfs_load,
	.statfs = devfs_statfs,
};

void
devfs_register(void)
{
	fs_type_register(&devfs_type);
	devfs_register_memory();
}
