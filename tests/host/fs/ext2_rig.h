// SPDX-License-Identifier: MIT
/*
 * A rig for tests of ext2: makes an image with mke2fs, mounts it on the disk in
 * memory, stands for the VFS (paths, references), and at the end asks e2fsck.
 *
 * A test file names, beside its own, what RIG_NEEDS lists:
 *
 *	// kernel: fs/ext2_vnode.c fs/ext2_names.c fs/ext2_file.c fs/ext2_dir.c
 *	// kernel: fs/ext2_map.c fs/ext2_inode.c fs/ext2_alloc.c fs/ext2_sync.c
 *	// kernel: fs/ext2_super.c vm/uio.c lib/bitmap.c lib/random.c
 *	// fakes: disk.c vnodes.c command.c usercopy.c sleep.c page.c heap.c
 *	// fakes: lock.c sync.c print.c time.c
 */
#pragma once

#include "check.h"
#include "fakes/command.h"
#include "fakes/disk.h"
#include "fakes/fake.h"
#include "fakes/usercopy.h"
#include "fakes/vnodes.h"
#include "fs/ext2_impl.h"
#include "fs/fs.h"
#include "lib/math.h"
#include "lib/random.h"
#include "lib/string.h"

#define RIG __attribute__((unused)) static

#define CHECK_OK(call)           CHECK_EQ((call), 0)
#define CHECK_ERROR(call, error) CHECK_EQ((call), -(error))
#define CHECK_SAID(text)                                                                        \
	do {                                                                                    \
		if (!strstr_(fake_print_text(), (text)))                                        \
			check_fail(__FILE__, __LINE__, "\"%s\" was not said, but:\n%s", (text), \
				   fake_print_text());                                          \
	} while (0)

static struct mount rig_mount;
static uint64_t rig_heap; // blocks of the heap before the mount

RIG const char *
strstr_(const char *s, const char *part)
{
	for (; *s; s++)
		if (strncmp(s, part, strlen(part)) == 0)
			return s;
	return NULL;
}

// ---- Images ------------------------------------------------------------------

// An image of so many KiB made by mke2fs, loaded but not mounted.
RIG void
rig_make(const char *options, unsigned kib)
{
	char path[128];

	host_command("rm -f fs.img; mke2fs -q -F -b 4096 %s fs.img %uk", options, kib);
	format_string(path, sizeof(path), "%s/fs.img", host_folder());
	fake_disk_load(path);
}

RIG int
rig_try_mount(unsigned flags)
{
	ext2_register();
	fake_print_clear();
	rig_heap = fake_heap_blocks();
	return fake_mount(&rig_mount, "root", flags);
}

RIG void
rig_start(const char *options, unsigned kib)
{
	int error;

	rig_make(options, kib);
	error = rig_try_mount(0);
	CHECK_STRING(fake_print_text(), "");
	CHECK_OK(error);
}

RIG struct ext2_fs *
rig_fs(void)
{
	return rig_mount.data;
}

// Nothing is held between two operations but the superblock.
RIG void
rig_check_idle(void)
{
	CHECK_EQ(fake_disk_held(), 1);
	CHECK_EQ(fake_mutexes_held() + fake_locks_held(), 0);
	CHECK_EQ(rig_fs()->changes, 0);
}

// What the disk holds is an ext2 without a fault.
RIG void
rig_fsck(void)
{
	char path[128];

	format_string(path, sizeof(path), "%s/fs.img", host_folder());
	fake_disk_save(path);
	host_command("e2fsck -fn fs.img");
}

// The same of a disk that is mounted: it says that it is in use, which e2fsck
// would mend, and nothing else.
RIG void
rig_fsck_open(void)
{
	struct ext2_super *super = (struct ext2_super *)(fake_disk_block(0) + EXT2_SUPER_OFFSET);
	uint16_t state = super->state;

	CHECK_EQ(state & EXT2_STATE_CLEAN, 0);
	super->state = EXT2_STATE_CLEAN;
	rig_fsck();
	super->state = state;
}

RIG void
rig_unmount(void)
{
	rig_check_idle();
	fake_unmount(&rig_mount);
	CHECK_EQ(fake_heap_blocks(), rig_heap);
	CHECK_EQ(fake_disk_held(), 0);
}

RIG void
rig_end(void)
{
	rig_unmount();
	rig_fsck();
	fake_disk_free();
}

// Unmount and mount again: nothing stays in memory.
RIG void
rig_again(void)
{
	rig_unmount();
	CHECK_OK(rig_try_mount(0));
}

// ---- Paths ---------------------------------------------------------------------

RIG int
rig_find(const char *path, struct vnode **out)
{
	struct vnode *v;

	CHECK_OK(vnode_get_by_number(&rig_mount, rig_mount.root_number, &v));
	while (*path) {
		const char *end = strchr(path, '/');
		size_t length = end ? (size_t)(end - path) : strlen(path);
		uint64_t number;
		int error = v->type == VNODE_DIRECTORY ? v->ops->lookup(v, path, length, &number)
						       : -ENOTDIR;

		vnode_put(v);
		if (!error)
			error = vnode_get_by_number(&rig_mount, number, &v);
		if (error)
			return error;
		path += length + (end != NULL);
	}
	*out = v;
	return 0;
}

RIG struct vnode *
rig_get(const char *path)
{
	struct vnode *v = NULL;
	int error = rig_find(path, &v);

	if (error)
		check_fail("rig_get", 0, "%s: error %d; said:\n%s", path, -error,
			   fake_print_text());
	return v;
}

// The directory of a path's last name; *name points at that.
RIG struct vnode *
rig_parent(const char *path, const char **name)
{
	char above[512] = "";
	const char *slash = strrchr(path, '/');

	if (slash)
		string_copy(above, path, MIN(sizeof(above), (size_t)(slash - path) + 1));
	*name = slash ? slash + 1 : path;
	return rig_get(above);
}

// ---- Operations ------------------------------------------------------------------

RIG int
rig_create_what(const char *path, const struct vnode_new *what)
{
	const char *name;
	struct vnode *dir = rig_parent(path, &name);
	uint64_t number = 0;
	int error = dir->ops->create(dir, name, strlen(name), what, &number);

	CHECK(error || number >= EXT2_FIRST_INO_REV0);
	vnode_put(dir);
	rig_check_idle();
	return error;
}

RIG int
rig_create(const char *path, enum vnode_type type)
{
	struct vnode_new what = { .type = type, .mode = 0755 };

	return rig_create_what(path, &what);
}

RIG int
rig_symlink(const char *path, const char *target)
{
	struct vnode_new what = { .type = VNODE_SYMLINK, .mode = 0777, .target = target };

	return rig_create_what(path, &what);
}

RIG int
rig_unlink(const char *path)
{
	const char *name;
	struct vnode *dir = rig_parent(path, &name), *v = rig_get(path);
	int error = dir->ops->unlink(dir, name, strlen(name), v);

	vnode_put(v);
	vnode_put(dir);
	rig_check_idle();
	return error;
}

RIG int
rig_link(const char *old, const char *new)
{
	const char *name;
	struct vnode *dir = rig_parent(new, &name), *v = rig_get(old);
	int error = dir->ops->link(dir, name, strlen(name), v);

	vnode_put(v);
	vnode_put(dir);
	rig_check_idle();
	return error;
}

RIG int
rig_rename(const char *old, const char *new)
{
	const char *old_name, *new_name;
	struct vnode *from = rig_parent(old, &old_name), *to = rig_parent(new, &new_name);
	struct vnode *source = rig_get(old), *replaced = NULL;
	int error = rig_find(new, &replaced);

	CHECK(error == 0 || error == -ENOENT);
	error = from->ops->rename(from, old_name, strlen(old_name), to, new_name, strlen(new_name),
				  source, replaced);
	if (replaced)
		vnode_put(replaced);
	vnode_put(source);
	vnode_put(to);
	vnode_put(from);
	rig_check_idle();
	return error;
}

// Write from the kernel; *done gets the bytes that were moved.
RIG int
rig_write_some(struct vnode *v, uint64_t offset, const void *data, uint64_t n, uint64_t *done)
{
	struct uio_part part;
	struct uio uio;
	int error;

	uio_init(&uio, &part, UIO_WRITE, UIO_KERNEL, (uint64_t)data, n, offset);
	error = v->ops->write(v, &uio, 0);
	*done = n - uio.left;
	CHECK_EQ(uio.offset, offset + *done);
	rig_check_idle();
	return error;
}

RIG void
rig_write(struct vnode *v, uint64_t offset, const void *data, uint64_t n)
{
	uint64_t done;

	CHECK_OK(rig_write_some(v, offset, data, n, &done));
	CHECK_EQ(done, n);
}

// Returns the bytes read.
RIG uint64_t
rig_read(struct vnode *v, uint64_t offset, void *to, uint64_t n)
{
	struct uio_part part;
	struct uio uio;

	uio_init(&uio, &part, UIO_READ, UIO_KERNEL, (uint64_t)to, n, offset);
	CHECK_OK(v->ops->read(v, &uio, 0));
	rig_check_idle();
	return n - uio.left;
}

RIG struct stat
rig_stat(struct vnode *v)
{
	struct stat st;

	CHECK_OK(v->ops->getattr(v, &st));
	CHECK_EQ(st.st_size, v->size);
	CHECK_EQ(st.st_nlink, v->links);
	return st;
}

// A file with this one block of data.
RIG void
rig_file(const char *path, const char *text)
{
	struct vnode *v;

	CHECK_OK(rig_create(path, VNODE_REGULAR));
	v = rig_get(path);
	rig_write(v, 0, text, strlen(text));
	vnode_put(v);
}

RIG bool
rig_exists(const char *path)
{
	struct vnode *v;
	int error = rig_find(path, &v);

	if (!error)
		vnode_put(v);
	CHECK(error == 0 || error == -ENOENT);
	return !error;
}
