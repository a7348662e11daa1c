// SPDX-License-Identifier: MIT
/*
 * Open files: what a descriptor refers to; shared by dup and fork.
 */
#pragma once

#include "abi/fcntl.h"
#include "sync/mutex.h"
#include "vfs/vnode.h"

struct file;

// NULL entries give the error in brackets.  All may sleep.  read, write, readdir
// and seek of a positioned file are called with the file's lock held where its
// offset is used or moves; else no lock is held.
struct file_ops {
	const char *name;
	int (*read)(struct file *f, struct uio *uio);                     // [-EINVAL]
	int (*write)(struct file *f, struct uio *uio);                    // [-EINVAL]
	int (*ioctl)(struct file *f, uint64_t request, uaddr_t argument); // [-ENOTTY]
	int (*readdir)(struct file *f, uint64_t *cookie, readdir_emit_fn emit,
		       void *arg);                                                 // [-ENOTDIR]
	int (*seek)(struct file *f, int64_t offset, int whence, uint64_t *result); // [-ESPIPE]
	int (*stat)(struct file *f, struct stat *st);                              // [the vnode's]
	void (*close)(struct file *f); // the last reference is gone
	bool positioned;               // uses an offset: pread works, read moves it
};

/*
 *   I  fixed at open
 *   a  atomic
 *   f  lock, as vfs/vlock.h says
 */
struct file {
	const struct file_ops *ops; // [I]
	uint32_t refs;              // [a]
	uint32_t flags;             // [a] O_ACCMODE fixed; O_APPEND, O_NONBLOCK by fcntl
	struct mutex lock;          // f
	uint64_t offset;            // [f]
	struct vnode *vnode;        // [I] referenced, or NULL
	void *data;                 // [I] the kind's own
};

// A new file with one reference, or NULL.  There is a limit (-ENFILE) of all
// files: *error gets -ENFILE or -ENOMEM.
struct file *file_alloc(const struct file_ops *ops, uint32_t flags, int *error);
void file_get(struct file *f);
void file_put(struct file *f);
unsigned file_count(void);

// read(2), write(2) and their kin with all checks (access mode, offsets).
// positioned < 0: at the file's offset, which moves.  *done gets the bytes
// moved; an error after some bytes is reported as success with what was moved.
int file_read(struct file *f, struct uio *uio, int64_t position, uint64_t *done);
int file_write(struct file *f, struct uio *uio, int64_t position, uint64_t *done);
int file_seek(struct file *f, int64_t offset, int whence, uint64_t *result);
// For file_ops.seek: lseek(2) on f's offset in a file of `size` bytes without holes.
// *result gets the new offset, which f has then.
int file_seek_sized(struct file *f, int64_t offset, int whence, uint64_t size, uint64_t *result);
int file_stat(struct file *f, struct stat *st);
int file_ioctl(struct file *f, uint64_t request, uaddr_t argument);
int file_sync(struct file *f);
int file_truncate(struct file *f, uint64_t size);
// getdents64(2) into user memory; *done gets the bytes.
int file_getdents(struct file *f, uaddr_t buffer, uint64_t size, uint64_t *done);

// The operations of files and directories of a file system.
extern const struct file_ops file_vnode_ops;
void file_init(void);
