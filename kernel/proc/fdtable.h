// SPDX-License-Identifier: MIT
/*
 * Descriptor tables: small numbers for open files.
 *
 * A descriptor is free, reserved (a call is opening a file for it) or open.  A
 * table may be shared (threads; clone with CLONE_FILES).
 */
#pragma once

#include "arch/types.h"

struct fdtable;
struct file;

// Descriptors are 0 to FD_MAX - 1 (RLIMIT_NOFILE).
#define FD_MAX 1024

// An empty table with one reference, or NULL.
struct fdtable *fdtable_alloc(void);
// A copy with what is open now.  NULL: out of memory.
struct fdtable *fdtable_copy(struct fdtable *t);
void fdtable_get(struct fdtable *t);
// May sleep: the last reference closes all.
void fdtable_put(struct fdtable *t);
bool fdtable_shared(struct fdtable *t);

// Reserve the lowest free descriptor at or above from.  Returns it, -EMFILE, or
// -ENOMEM; -EINVAL if from is out of range.
int fdtable_reserve(struct fdtable *t, int from);
// The reserved fd means f from now on; takes over the caller's reference.
void fdtable_install(struct fdtable *t, int fd, struct file *f, bool close_on_exec);
void fdtable_unreserve(struct fdtable *t, int fd);

// The file behind fd with a reference, or NULL.
struct file *fdtable_file(struct fdtable *t, int fd);

// fd means f from now on, whatever it meant before; takes over the caller's
// reference on success.  -EBADF out of range, -EBUSY reserved, -ENOMEM.
int fdtable_replace(struct fdtable *t, int fd, struct file *f, bool close_on_exec);

// 0 or -EBADF.
int fdtable_close(struct fdtable *t, int fd);
int fdtable_get_cloexec(struct fdtable *t, int fd); // 0 or 1
int fdtable_set_cloexec(struct fdtable *t, int fd, bool on);

// Close what is marked so (execve).
void fdtable_close_on_exec(struct fdtable *t);

// Descriptors that are open.
unsigned fdtable_count(struct fdtable *t);
