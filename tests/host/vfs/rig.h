// SPDX-License-Identifier: MIT
/*
 * A rig for tests of the VFS: the kernel's own vfs/ and sync/ on a file system in
 * memory, with threads from a seed.  A test file names what this needs:
 *
 *	// kernel: vfs/vnode.c vfs/vlock.c vfs/vnode_lock.c vfs/walk.c vfs/namecache.c
 *	// kernel: vfs/dirops.c vfs/rename.c vfs/open.c vfs/attr.c vfs/file.c
 *	// kernel: vfs/mount.c vfs/pipe.c vm/uio.c lock/rank.c lib/random.c
 *	// kernel: sync/sleeplock.c sync/rwlock.c sync/mutex.c sync/condition.c sync/tlock.c
 *	// fakes: threads.c memory_fs.c time.c heap.c page.c print.c usercopy.c
 */
#pragma once

#include "abi/errno.h"
#include "abi/limits.h"
#include "check.h"
#include "fakes/fake.h"
#include "fakes/memory_fs.h"
#include "fakes/threads.h"
#include "lib/math.h"
#include "lib/string.h"
#include "mm/reclaim.h"
#include "vfs/dirops.h"
#include "vfs/file.h"
#include "vfs/mount.h"
#include "vfs/pipe.h"
#include "vfs/walk.h"

#define RIG __attribute__((unused)) static

#define CHECK_OK(call)           CHECK_EQ((call), 0)
#define CHECK_ERROR(call, error) CHECK_EQ((call), -(error))

static struct walk_context rig;
static reclaim_fn rig_reclaim;

void
reclaim_register(const char *name, reclaim_fn fn)
{
	(void)name;
	rig_reclaim = fn;
}

// Mount "a" on /.
RIG void
rig_mount(void)
{
	vnode_init();
	file_init();
	mount_init();
	memory_fs_register();
	CHECK_OK(mount_root("mem", "a", 0));
	rig.root = mount_root_vnode();
	rig.start = rig.root;
	rig.umask = 022;
}

RIG void
rig_begin(void)
{
	fake_threads_begin(1);
	rig_mount();
}

// Nothing is left open or held, and the tree is whole.  mounts: there are now.
RIG void
rig_end(unsigned mounts)
{
	unsigned total, referenced;

	vnode_put(rig.root);
	vnode_count(&total, &referenced);
	// Each mount holds its root, and all but the first what they cover.
	CHECK_EQ(referenced, 2 * mounts - 1);
	CHECK_EQ(file_count(), 0);
	CHECK_EQ(pipe_count(), 0);
	memory_fs_check("a");
	memory_fs_check("b");
}

// ---- Calls -------------------------------------------------------------------

RIG int
do_mkdir(const char *path)
{
	return dirops_mkdir(&rig, path, 0777);
}

RIG int
do_rmdir(const char *path)
{
	return dirops_rmdir(&rig, path);
}

RIG int
do_unlink(const char *path)
{
	return dirops_unlink(&rig, path);
}

RIG int
do_symlink(const char *target, const char *path)
{
	return dirops_symlink(&rig, target, path);
}

RIG int
do_link(const char *old_path, const char *new_path)
{
	return dirops_link(&rig, old_path, &rig, new_path, false);
}

RIG int
do_rename(const char *old_path, const char *new_path)
{
	return dirops_rename(&rig, old_path, &rig, new_path, 0);
}

RIG int
do_open(const char *path, int flags, struct file **f)
{
	return dirops_open(&rig, path, flags, 0666, f);
}

// open() and close() only.
RIG int
try_open(const char *path, int flags)
{
	struct file *f;
	int error = do_open(path, flags, &f);

	if (error == 0)
		file_put(f);
	return error;
}

RIG void
make_file(const char *path)
{
	CHECK_OK(try_open(path, O_CREAT | O_EXCL | O_WRONLY));
}

RIG int
do_stat(const char *path, struct stat *st)
{
	return dirops_stat(&rig, path, 0, st);
}

// The inode number of a path, or a negative error.
RIG int64_t
number_of(const char *path)
{
	struct stat st;
	int error = do_stat(path, &st);

	return error != 0 ? error : (int64_t)st.st_ino;
}

RIG int64_t
number_of_link(const char *path)
{
	struct stat st;
	int error = dirops_stat(&rig, path, WALK_NOFOLLOW, &st);

	return error != 0 ? error : (int64_t)st.st_ino;
}

// Read or write n bytes; returns how many, or a negative error.
RIG int64_t
do_read(struct file *f, void *to, uint64_t n, int64_t position)
{
	struct uio_part part;
	struct uio uio;
	uint64_t done;

	uio_init(&uio, &part, UIO_READ, UIO_KERNEL, (uint64_t)to, n, 0);
	int error = file_read(f, &uio, position, &done);
	return error != 0 ? error : (int64_t)done;
}

RIG int64_t
do_write(struct file *f, const void *from, uint64_t n, int64_t position)
{
	struct uio_part part;
	struct uio uio;
	uint64_t done;

	uio_init(&uio, &part, UIO_WRITE, UIO_KERNEL, (uint64_t)from, n, 0);
	int error = file_write(f, &uio, position, &done);
	return error != 0 ? error : (int64_t)done;
}

RIG int
do_mount(const char *source, const char *path)
{
	struct vnode *at;
	int error = walk_path(&rig, path, 0, &at);

	if (error != 0)
		return error;
	error = mount_add("mem", source, at, path, 0);
	vnode_put(at);
	return error;
}

RIG int
do_unmount(const char *path)
{
	struct vnode *root;
	int error = walk_path(&rig, path, 0, &root);

	if (error != 0)
		return error;
	error = mount_remove(root);
	vnode_put(root);
	return error;
}
