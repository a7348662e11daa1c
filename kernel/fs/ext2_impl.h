// SPDX-License-Identifier: MIT
/*
 * ext2 in the kernel: what its files share.  The format is abi/ext2.h.
 *
 *	ext2_vnode.c	attributes, life and end of a vnode; the tables
 *	ext2_names.c	operations on names
 *	ext2_file.c	contents of regular files
 *	ext2_dir.c	records in a directory's blocks
 *	ext2_map.c	which block holds which part of a file
 *	ext2_inode.c	inodes, between the disk and struct ext2_node
 *	ext2_alloc.c	bitmaps: which blocks and inodes are free
 *	ext2_sync.c	changes and the state of the whole on the disk
 *	ext2_super.c	mount and unmount
 *
 * Each calls only those below it, but for ext2_begin() and ext2_end() of
 * ext2_sync.c.
 *
 * Rules
 *   1. Nothing read from the disk is believed: a number is checked before it
 *      is used, and one that can't be right is -EUCLEAN and a line in the log
 *      (ext2_corrupt()).  Damage costs the operation, never the machine.
 *   2. What changes the disk lies between ext2_begin() and ext2_end().  In it,
 *      everything is checked and allocated first; then names and pointers
 *      change, so that a failure leaves all as it was.
 *   3. An inode's changes are in its block's buffer when the operation ends:
 *      there is one truth, and the buffer cache writes it.  Group descriptors
 *      and the superblock's counters are kept in struct ext2_fs and brought to
 *      their buffers at sync.
 *   4. File data is marked as such in its buffer (buf.file), for the cache to
 *      write before metadata.
 *
 * Locks.  The VFS holds the vnodes' locks, and with them struct ext2_node, the
 * file's data and its indirect blocks.  Bitmaps and group counters have locks
 * by group (RANK_FS_ALLOC), blocks of inodes and of descriptors their buffer's
 * (RANK_BUFFER).  None of these is held over a copy to or from a user, and no
 * two at once.
 */
#pragma once

#include "abi/errno.h"
#include "abi/ext2.h"
#include "block/buf.h"
#include "lib/print.h"
#include "vfs/mount.h"
#include "vfs/vnode.h"

#define EXT2_GROUP_LOCKS 16

// Which groups begin with a copy of the superblock and the descriptors.
enum ext2_copies {
	EXT2_COPIES_ALL,    // as it was at first
	EXT2_COPIES_SPARSE, // some, for ever the same
	EXT2_COPIES_FEW,    // two that the superblock names (sparse_super2)
};

// A time as an inode holds it: seconds below, the extra field above.
typedef uint64_t ext2_time_t;

/*
 *   I  fixed once mounted
 *   a  atomic
 *   g  group_lock[group % EXT2_GROUP_LOCKS]
 *   G  gate
 *   M  mounts and unmounts are one at a time
 */
struct ext2_fs {
	struct mount *mount;      // [I]
	struct blockdev *dev;     // [I]
	struct buf *super;        // [I] block 0, referenced; its lock for the bytes
	bool read_only;           // [I]
	bool was_clean;           // [I] when it was mounted
	bool has_file_type;       // [I] records tell the file's kind
	bool large_files;         // [I] there may be files of 2 GiB and more
	uint32_t blocks;          // [I] in the file system
	uint32_t inodes;          // [I]
	uint32_t groups;          // [I]
	uint32_t group_blocks;    // [I] in each group but the last
	uint32_t group_inodes;    // [I]
	uint32_t inode_size;      // [I]
	uint32_t table_blocks;    // [I] of inodes in each group
	uint32_t first_inode;     // [I] not reserved
	uint32_t head_blocks;     // [I] superblock, descriptors and reserve, in a copy
	enum ext2_copies copies;  // [I] which groups have one
	struct ext2_group *group; // [g] by group
	struct mutex group_lock[EXT2_GROUP_LOCKS];
	uint32_t free_blocks; // [a] sums over the groups
	uint32_t free_inodes; // [a]
	uint32_t directories; // [a]
	uint32_t damaged;     // [a] something that can't be right was found
	struct spinlock gate;
	struct waitqueue gate_wait; // [G] for changes == 0
	uint32_t changes;           // [G] operations between begin and end
	bool closed;                // [G] no more of them: the disk is marked clean
	struct print_limit complaint;
	struct list link; // [M] mounted ones
};

/*
 * An inode in memory; vnode->data.
 *
 *   I  fixed once loaded
 *   a  atomic
 *   v  the vnode's lock
 */
struct ext2_node {
	struct ext2_fs *fs;          // [I]
	uint32_t number;             // [I]
	bool fine_times;             // [I] the inode has room for ns
	uint16_t mode;               // [v] kind and permissions
	uint32_t links;              // [v]
	uint32_t owner;              // [v]
	uint32_t group;              // [v]
	uint32_t flags;              // [v]
	uint32_t sectors;            // [v] blocks in use, in sectors, as the disk counts
	uint32_t attributes;         // [v] block of extended attributes, or 0
	uint64_t size;               // [v]
	ext2_time_t accessed;        // [a]
	ext2_time_t modified;        // [v]
	ext2_time_t changed;         // [v]
	uint32_t next_block;         // [v] where the file would like to grow, or 0
	bool released;               // [v] freed on the disk
	bool unsaved;                // [v] its inode could not be stored
	uint32_t block[EXT2_NBLOCK]; // [v]
};

#define EXT2_DESCS_PER_BLOCK ((uint32_t)(EXT2_BLOCK_SIZE / sizeof(struct ext2_group)))

static inline struct ext2_super *
ext2_super_of(const struct ext2_fs *fs)
{
	return (struct ext2_super *)(fs->super->data + EXT2_SUPER_OFFSET);
}

static inline struct ext2_node *
ext2_node(struct vnode *v)
{
	return v->data;
}

// ---- ext2_sync.c -----------------------------------------------------------

// Begin to change the disk.  -EROFS if it must not be changed.  May sleep.
int ext2_begin(struct ext2_fs *fs);
void ext2_end(struct ext2_fs *fs);

// Mark the disk as in use, so that a crash is seen at the next mount.
int ext2_mark_in_use(struct ext2_fs *fs);
int ext2_sync(struct mount *m, bool final);
int ext2_vnode_sync(struct vnode *v);

// Say, at a bounded rate, what on the disk can't be right.  Returns -EUCLEAN.
int ext2_corrupt(struct ext2_fs *fs, const char *format, ...) __attribute__((format(printf, 2, 3)));

// ---- ext2_super.c ----------------------------------------------------------

int ext2_mount(struct mount *m, const char *source, const char *options);
void ext2_unmount(struct mount *m);
int ext2_statfs(struct mount *m, struct statfs_info *info);

// ---- ext2_alloc.c ----------------------------------------------------------

// Whether a file may own this block: inside the file system, and not one of
// those that hold the file system's own structures.
bool ext2_block_valid(const struct ext2_fs *fs, uint32_t block);
uint32_t ext2_group_start(const struct ext2_fs *fs, uint32_t group);
// Blocks in a group; the last may be shorter.
uint32_t ext2_group_length(const struct ext2_fs *fs, uint32_t group);
// Blocks at its start that hold a copy of superblock and descriptors.
uint32_t ext2_head_length(const struct ext2_fs *fs, uint32_t group);

// A group's descriptor as it is now.
struct ext2_group ext2_group_read(struct ext2_fs *fs, uint32_t group);

// A free block, goal if it can be had, else one after it.  -ENOSPC.
int ext2_block_alloc(struct ext2_fs *fs, uint32_t goal, uint32_t *block);
// The block's buffer is forgotten first.  -EUCLEAN if it was free.
int ext2_block_free(struct ext2_fs *fs, uint32_t block);

// A free inode's number for a file in a directory.  New directories are spread
// over the disk, files lie near their directory.  -ENOSPC.
int ext2_number_alloc(struct ext2_fs *fs, const struct ext2_node *dir, bool directory,
		      uint32_t *number);
int ext2_number_free(struct ext2_fs *fs, uint32_t number, bool directory);

// ---- ext2_inode.c ----------------------------------------------------------

// Whether a directory may name this inode.
bool ext2_number_valid(const struct ext2_fs *fs, uint64_t number);
int ext2_node_load(struct ext2_fs *fs, uint32_t number, struct ext2_node *node);
// Bring node to its inode on the disk.
int ext2_node_store(struct ext2_node *node);
// Make a node, and on the disk its inode, for a new file in dir: no links, no
// blocks, times now.
int ext2_node_create(struct ext2_node *dir, const struct vnode_new *what, struct ext2_node *node);
// Free the inode and all that it owns.  Undoes ext2_node_create(), too.
int ext2_node_release(struct ext2_node *node);

// The device number of a device node, as Linux packs it (abi/sysmacros.h).
uint64_t ext2_node_device(const struct ext2_node *node);

ext2_time_t ext2_now(const struct ext2_node *node);
ext2_time_t ext2_time_pack(const struct ext2_node *node, struct timespec t);
struct timespec ext2_time_unpack(ext2_time_t t);
// The file was read: set its time of access, if the one that it has would
// mislead (older than its last change, or than a day).
void ext2_node_accessed(struct ext2_node *node);

// ---- ext2_map.c ------------------------------------------------------------

// The largest file that pointers reach.
#define EXT2_SIZE_MAX                                                                           \
	((EXT2_NDIRECT + (uint64_t)EXT2_PER_BLOCK + (uint64_t)EXT2_PER_BLOCK * EXT2_PER_BLOCK + \
	  (uint64_t)EXT2_PER_BLOCK * EXT2_PER_BLOCK * EXT2_PER_BLOCK) *                         \
	 EXT2_BLOCK_SIZE)

// The block of the disk behind a file's block; *block 0: a hole.
int ext2_map_find(const struct ext2_node *node, uint64_t index, uint32_t *block);
// The same, but a hole is filled with a new block of zeros.
int ext2_map_alloc(struct ext2_node *node, uint64_t index, uint32_t *block);
// The bytes in b, which are the file's index-th block, have changed.  Of a regular
// file the cache learns that they are data, to be written before metadata.
void ext2_data_dirty(const struct ext2_node *node, uint64_t index, struct buf *b);
// Free all blocks from index on.  After an error some may be left.
int ext2_map_cut(struct ext2_node *node, uint64_t index);

// ---- ext2_dir.c ------------------------------------------------------------

// A record found in a directory; holds a reference to its buffer.
struct ext2_slot {
	struct buf *buf;
	uint32_t offset;
};

static inline struct ext2_dirent *
ext2_slot_record(const struct ext2_slot *slot)
{
	return (struct ext2_dirent *)(slot->buf->data + slot->offset);
}

// The record of a name, or -ENOENT.
int ext2_dir_find(struct ext2_node *dir, const char *name, size_t length, struct ext2_slot *slot);
void ext2_slot_put(struct ext2_slot *slot);
// Point a record at another inode; the directory's times are the caller's.
void ext2_slot_set(struct ext2_slot *slot, const struct ext2_node *node);
// Remove the record.
void ext2_slot_clear(struct ext2_node *dir, struct ext2_slot *slot);
// A new record; the name is not there yet.
int ext2_dir_add(struct ext2_node *dir, const char *name, size_t length,
		 const struct ext2_node *node);
// The first block of a new directory, with "." and "..".
int ext2_dir_init(struct ext2_node *node, const struct ext2_node *parent);
// 0, -ENOTEMPTY, or an error.
int ext2_dir_empty(struct ext2_node *dir);
int ext2_dir_read(struct ext2_node *dir, uint64_t *cookie, readdir_emit_fn emit, void *arg);

// ---- Operations of vnodes --------------------------------------------------

int ext2_lookup(struct vnode *dir, const char *name, size_t length, uint64_t *number);
int ext2_create(struct vnode *dir, const char *name, size_t length, const struct vnode_new *what,
		uint64_t *number);
int ext2_link(struct vnode *dir, const char *name, size_t length, struct vnode *target);
int ext2_unlink(struct vnode *dir, const char *name, size_t length, struct vnode *target);
int ext2_rename(struct vnode *old_dir, const char *old_name, size_t old_length,
		struct vnode *new_dir, const char *new_name, size_t new_length,
		struct vnode *source, struct vnode *replaced);

int ext2_read(struct vnode *v, struct uio *uio, int flags);
int ext2_write(struct vnode *v, struct uio *uio, int flags);
int ext2_truncate(struct vnode *v, uint64_t size);
int ext2_getpage(struct vnode *v, uint64_t index, struct page **page);

// The node has changed: tell the vnode and the disk.  An error means that the
// disk doesn't know yet; a sync of the vnode tries again.
int ext2_vnode_changed(struct vnode *v);

int ext2_load(struct mount *m, struct vnode *v);
