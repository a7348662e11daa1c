// SPDX-License-Identifier: MIT
/*
 * Vnodes: files as the kernel sees them, whatever file system they are in.
 *
 * A vnode is in memory while it has references, and for a while longer, until
 * others need the room.  There is one for each (mount, inode number).
 *
 *   1. vnode_get_by_number() finds it or has the file system load it; two who
 *      ask at once get the same one, and the second waits for the load.
 *   2. A reference keeps it in memory, not its name: an unlinked file lives
 *      until the last reference is put, then inactive() frees it on the disk.
 *   3. Operations below are called with the vnode's lock held in the mode that
 *      vfs/vlock.h says for the operation; file systems lock no vnodes.
 *
 * Names are not NUL-terminated: a pointer and a length, without '/'.  "." and
 * ".." are the path walk's business except in lookup(), which is asked for
 * ".." of a directory that is not a root.
 */
#pragma once

#include "abi/stat.h"
#include "lib/list.h"
#include "sync/tlock.h"
#include "vm/uio.h"

struct file;
struct mount;
struct page;
struct vnode;

enum vnode_type {
	VNODE_NONE, // being loaded, or vanished
	VNODE_REGULAR,
	VNODE_DIRECTORY,
	VNODE_SYMLINK,
	VNODE_CHARDEV,
	VNODE_BLOCKDEV,
	VNODE_FIFO,
};

// What a new file shall be.
struct vnode_new {
	enum vnode_type type;
	uint32_t mode; // permission bits, umask applied
	uint32_t owner;
	uint32_t group;
	uint64_t device;    // of a device node
	const char *target; // of a symbolic link
};

// Changes of attributes; only those in `set`.
enum {
	SETATTR_MODE = 1,
	SETATTR_OWNER = 2,
	SETATTR_GROUP = 4,
	SETATTR_ATIME = 8,
	SETATTR_MTIME = 16
};
struct vnode_setattr {
	unsigned set;
	uint32_t mode;
	uint32_t owner;
	uint32_t group;
	struct timespec atime;
	struct timespec mtime;
};

// One directory entry for readdir(): false stops (the buffer is full; the
// entry will be given again).  next is the cookie that goes on after it.
typedef bool (*readdir_emit_fn)(void *arg, const char *name, size_t length, uint64_t number,
				enum vnode_type type, uint64_t next);

// NULL entries give the error in brackets.
struct vnode_ops {
	// Directories [-ENOTDIR].  lookup: the number of an entry, or -ENOENT.
	int (*lookup)(struct vnode *dir, const char *name, size_t length, uint64_t *number);
	int (*create)(struct vnode *dir, const char *name, size_t length,
		      const struct vnode_new *what, uint64_t *number);
	int (*link)(struct vnode *dir, const char *name, size_t length, struct vnode *target);
	// Remove the entry of target; a directory must be empty (-ENOTEMPTY).
	int (*unlink)(struct vnode *dir, const char *name, size_t length, struct vnode *target);
	// Both in one file system.  replaced is what the new name is now, or
	// NULL; checked to be of a fitting type; a directory must be empty.
	int (*rename)(struct vnode *old_dir, const char *old_name, size_t old_length,
		      struct vnode *new_dir, const char *new_name, size_t new_length,
		      struct vnode *source, struct vnode *replaced);
	// Entries from *cookie on (0: the start), "." and ".." included.
	int (*readdir)(struct vnode *dir, uint64_t *cookie, readdir_emit_fn emit, void *arg);

	// Files [-EINVAL].  They move uio->offset on; read ends short at the end
	// of the file, write extends it; a write that moved something returns 0.
	int (*read)(struct vnode *v, struct uio *uio, int flags);
	int (*write)(struct vnode *v, struct uio *uio, int flags);
	int (*truncate)(struct vnode *v, uint64_t size);
	// The page that holds the bytes at index * 4096, with a reference; for
	// mappings [-ENODEV].
	int (*getpage)(struct vnode *v, uint64_t index, struct page **page);
	int (*sync)(struct vnode *v); // data and inode are stable [0]

	// All.
	int (*getattr)(struct vnode *v, struct stat *st);                        // [-ENOSYS]
	int (*setattr)(struct vnode *v, const struct vnode_setattr *change);     // [-EPERM]
	int (*readlink)(struct vnode *v, char *to, size_t size, size_t *length); // [-EINVAL]

	// An open file of this vnode comes and goes; may replace file->ops and
	// file->data (devices) [0].
	int (*open)(struct vnode *v, struct file *file);

	// The last reference was put and no name is left (links is 0): free it on
	// the disk.  Called with the vnode's lock held for writing.
	void (*inactive)(struct vnode *v);
	// The vnode leaves memory: free v->data.  Memory only, since it may be
	// called to make room, whatever the caller of the allocator holds.
	void (*forget)(struct vnode *v);
};

/*
 *   I  fixed once loaded
 *   a  atomic
 *   t  the vnode table's lock
 *   v  lock, as vfs/vlock.h says
 */
struct vnode {
	struct tlock lock;           // v
	const struct vnode_ops *ops; // [I]
	struct mount *mount;         // [I] holds a reference
	uint64_t number;             // [I] inode number
	uint64_t birth;              // [I] which of all vnodes ever made
	enum vnode_type type;        // [I]
	uint64_t device;             // [I] of a device node
	uint64_t size;               // [v] bytes
	uint32_t links;              // [v] names
	bool removed;                // [v] a directory that was removed: no names in it
	void *data;                  // [I] the file system's own; contents [v]
	struct mount *mounted_here;  // [t] the mount that covers this directory
	uint32_t refs;               // [a] from 0 to 1 [t]; vnode.c's
	uint32_t state;              // [t] vnode.c's
	struct list hash;            // [t]
	struct list clock;           // [t]
	bool used;                   // [a] vnode.c's
	void *pipe;                  // [v] of a FIFO that is open
};

// A reference to a vnode by number.  0, or an error of the file system's load.
// May sleep; no vnode lock is needed, any may be held.
int vnode_get_by_number(struct mount *m, uint64_t number, struct vnode **out);

// The same if the vnode is in memory and ready, else NULL.  Does not sleep.
struct vnode *vnode_find_by_number(struct mount *m, uint64_t number);

void vnode_get(struct vnode *v);
// May sleep; no lock on v is held.
void vnode_put(struct vnode *v);

// Forget all vnodes of a mount.  Returns -EBUSY if any but `except` has
// references (except may have one).
int vnode_forget_mount(struct mount *m, struct vnode *except);

// Call fn with a reference for every vnode of a mount that is in memory.
int vnode_for_each(struct mount *m, int (*fn)(void *arg, struct vnode *v), void *arg);

// Vnodes in memory, and those with references.
void vnode_count(unsigned *total, unsigned *referenced);

// S_IFREG and so on.
uint32_t vnode_type_to_mode(enum vnode_type type);
enum vnode_type vnode_type_from_mode(uint32_t mode);
unsigned char vnode_type_to_dirent(enum vnode_type type);

void vnode_init(void);
