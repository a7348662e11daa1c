// SPDX-License-Identifier: MIT
/*
 * Changes, and the state of the whole file system on the disk.
 *
 * While it is mounted for writing the superblock says "not clean": whoever
 * finds that after a crash knows that it must be checked.  It says "clean"
 * again as the last thing ever written: at unmount, or at power-off, which
 * closes the file system first, so that nothing can change behind it.
 *
 *	open:	 ext2_begin() counts a change in, ext2_end() counts it out
 *	closing: no new change begins; the last one to end wakes who closes
 *	closed:	 nothing changes any more; files without a name that are still
 *		 open have been freed
 *
 * Between ext2_begin() and ext2_end() lies what a journal would call a
 * transaction.
 */
#include "fs/ext2_impl.h"

#include "arch/time.h"
#include "lib/math.h"
#include "lib/string.h"
#include "sched/clock.h"

#define CLOSE_LIMIT_NS (10 * NS_PER_SEC) // for changes under way to end

int
ext2_begin(struct ext2_fs *fs)
{
	int error = 0;

	if (fs->read_only)
		return -EROFS;
	spin_lock(&fs->gate);
	if (fs->closed)
		error = -EROFS;
	else
		fs->changes++;
	spin_unlock(&fs->gate);
	return error;
}

void
ext2_end(struct ext2_fs *fs)
{
	spin_lock(&fs->gate);
	if (--fs->changes == 0)
		wake_all(&fs->gate_wait);
	spin_unlock(&fs->gate);
}

int
ext2_corrupt(struct ext2_fs *fs, const char *format, ...)
{
	char text[160];
	va_list args;

	__atomic_store_n(&fs->damaged, 1, __ATOMIC_RELAXED);
	if (print_allowed(&fs->complaint)) {
		va_start(args, format);
		format_string_va(text, sizeof(text), format, args);
		va_end(args);
		print_error("ext2: %s: %s; run e2fsck", fs->dev->name, text);
	}
	return -EUCLEAN;
}

static void
set_state(struct ext2_fs *fs, bool clean)
{
	struct ext2_super *super = ext2_super_of(fs);

	buf_lock(fs->super);
	super->state &= (uint16_t)~EXT2_STATE_CLEAN;
	if (clean && fs->was_clean)
		super->state |= EXT2_STATE_CLEAN;
	if (__atomic_load_n(&fs->damaged, __ATOMIC_RELAXED))
		super->state |= EXT2_STATE_ERRORS;
	super->wtime = (uint32_t)(clock_realtime_ns() / NS_PER_SEC);
	buf_mark_dirty(fs->super);
	buf_unlock(fs->super);
}

int
ext2_mark_in_use(struct ext2_fs *fs)
{
	struct ext2_super *super = ext2_super_of(fs);

	set_state(fs, false);
	buf_lock(fs->super);
	super->mtime = super->wtime;
	super->mnt_count++;
	buf_unlock(fs->super);
	return buf_write(fs->super);
}

// Bring the counters of the groups in one block of descriptors to its buffer.
static int
store_groups(struct ext2_fs *fs, uint32_t first)
{
	uint32_t count = MIN(fs->groups - first, EXT2_DESCS_PER_BLOCK);
	struct buf *b;
	int error = buf_get(fs->dev, 1 + first / EXT2_DESCS_PER_BLOCK, BUF_READ, &b);

	if (error)
		return error;
	for (uint32_t i = 0; i < count; i++) {
		struct ext2_group now = ext2_group_read(fs, first + i);
		struct ext2_group *g = (struct ext2_group *)b->data + i;

		buf_lock(b);
		if (memcmp(g, &now, sizeof(now)) != 0) {
			*g = now;
			buf_mark_dirty(b);
		}
		buf_unlock(b);
	}
	buf_put(b);
	return 0;
}

// Bring what is kept in memory to the buffers.
static int
store_counters(struct ext2_fs *fs)
{
	struct ext2_super *super = ext2_super_of(fs);
	uint32_t blocks = __atomic_load_n(&fs->free_blocks, __ATOMIC_RELAXED);
	uint32_t inodes = __atomic_load_n(&fs->free_inodes, __ATOMIC_RELAXED);
	int error = 0;

	for (uint32_t first = 0; first < fs->groups; first += EXT2_DESCS_PER_BLOCK) {
		int result = store_groups(fs, first);

		error = error ? error : result;
	}
	buf_lock(fs->super);
	if (super->free_blocks_count != blocks || super->free_inodes_count != inodes) {
		super->free_blocks_count = blocks;
		super->free_inodes_count = inodes;
		buf_mark_dirty(fs->super);
	}
	buf_unlock(fs->super);
	return error;
}

static int
sync_all(struct ext2_fs *fs)
{
	int error = store_counters(fs);
	int result = buf_sync(fs->dev);

	return error ? error : result;
}

// Let no change begin, and wait until those under way have ended.
static int
close_gate(struct ext2_fs *fs)
{
	uint64_t deadline = clock_monotonic_ns() + CLOSE_LIMIT_NS;
	int error = 0;

	spin_lock(&fs->gate);
	fs->closed = true;
	while (fs->changes > 0 && !error)
		error = sleep_on(&fs->gate_wait, &fs->gate, SLEEP_UNINTERRUPTIBLE, deadline);
	spin_unlock(&fs->gate);
	if (error)
		print_error("ext2: %s: a change doesn't end; not marked clean", fs->dev->name);
	return error;
}

// As the file system closes: free a file that is open but has no name, and try
// again to store what couldn't be.
static int
settle(void *arg, struct vnode *v)
{
	struct ext2_node *node = ext2_node(v);

	(void)arg;
	if (node->links == 0 && !node->released)
		return ext2_node_release(node);
	return node->unsaved ? ext2_vnode_changed(v) : 0;
}

// Sync, and mark the disk clean if nothing stands against it.
static int
close_disk(struct ext2_fs *fs)
{
	int error, result;

	if (fs->closed)
		return 0;
	error = close_gate(fs);
	if (!error)
		error = vnode_for_each(fs->mount, settle, NULL);
	result = sync_all(fs);
	error = error ? error : result;
	set_state(fs, error == 0);
	result = buf_sync(fs->dev);
	return error ? error : result;
}

int
ext2_sync(struct mount *m, bool final)
{
	struct ext2_fs *fs = m->data;

	if (fs->read_only)
		return 0;
	return final ? close_disk(fs) : sync_all(fs);
}

int
ext2_vnode_sync(struct vnode *v)
{
	struct ext2_node *node = ext2_node(v);

	if (node->fs->read_only)
		return 0;
	if (node->unsaved) {
		int error = ext2_vnode_changed(v);

		if (error)
			return error;
	}
	return buf_sync(node->fs->dev);
}
