// SPDX-License-Identifier: MIT
/*
 * File systems and where they are mounted.
 */
#pragma once

#include "lib/list.h"
#include "sync/mutex.h"
#include "vfs/vnode.h"

struct statfs_info {
	uint64_t magic;
	uint64_t block_size;
	uint64_t blocks;
	uint64_t blocks_free;
	uint64_t files;
	uint64_t files_free;
	uint64_t name_max;
};

enum mount_flags {
	MOUNT_READ_ONLY = 1 << 0,
	// Names come and go without the VFS (devices, processes), so that none is
	// remembered; set by the file system's mount().
	MOUNT_NAMES_VOLATILE = 1 << 1,
};

// A kind of file system.  All may sleep.
struct fs_type {
	const char *name; // "ext2"
	// Read what is needed from source (a device's name; "" for one without),
	// fill m->data, m->root_number, m->file_max.  Says in the log what is
	// wrong if it refuses: -EINVAL not this file system or features that we
	// lack, -EIO, -EUCLEAN damaged, -ENXIO no such device, -EROFS, -ENOMEM.
	int (*mount)(struct mount *m, const char *source, const char *options);
	// Everything was synced and no vnode is left.
	void (*unmount)(struct mount *m);
	// Fill a new vnode (type, ops, size, links, device, data) by its number.
	int (*load)(struct mount *m, struct vnode *v);
	// All data and metadata to the device, then the state "clean" if final.
	int (*sync)(struct mount *m, bool final);
	int (*statfs)(struct mount *m, struct statfs_info *info);
	struct fs_type *next;
};

/*
 *   I  fixed once mounted
 *   t  the vnode table's lock
 *   M  the mount table's mutex; the list also its spinlock
 */
struct mount {
	struct fs_type *type;     // [I]
	uint32_t id;              // [I] st_dev
	uint32_t flags;           // [I] enum mount_flags
	uint64_t root_number;     // [I]
	uint64_t file_max;        // [I] bytes that a file can have; 0: any number
	struct vnode *root;       // [I] referenced while mounted
	struct vnode *covered;    // [I] directory that it covers, referenced; NULL: /
	void *data;               // [I] the file system's own
	struct mutex rename_lock; // one rename across directories
	uint32_t refs;            // [t] vnodes of it in memory
	char source[32];          // [I]
	char path[64];            // [I] for /proc/mounts; cut if longer
	struct list link;         // [M]
};

// At boot.
void fs_type_register(struct fs_type *type);
void mount_init(void);

// Mount the first root.  The log says what is wrong.
int mount_root(const char *type, const char *source, unsigned flags);

// The root directory of all, with a reference.
struct vnode *mount_root_vnode(void);

// Cover the directory `at` (a reference is taken).  -EBUSY if covered, -ENODEV
// for an unknown type, -ENOTDIR, or the file system's error.
int mount_add(const char *type, const char *source, struct vnode *at, const char *path,
	      unsigned flags);

// Remove the mount whose root is `root`.  -EINVAL if it isn't one, -EBUSY.
int mount_remove(struct vnode *root);

// Sync all mounts (final: mark them clean, at power-off).  The first error.
int mount_sync_all(bool final);

// Call fn for every mount, in the order in which they were made, with a spinlock
// held.
void mount_for_each(void (*fn)(void *arg, const struct mount *m), void *arg);
