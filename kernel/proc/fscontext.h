// SPDX-License-Identifier: MIT
/*
 * What a process's paths are relative to: working directory, root, umask.
 * Shared by threads, and by clone with CLONE_FS.
 */
#pragma once

#include "vfs/walk.h"

struct file;
struct fs_context;

// With root as root and working directory (references are taken).  NULL: out
// of memory.
struct fs_context *fs_context_alloc(struct vnode *root);
struct fs_context *fs_context_copy(struct fs_context *fs);
void fs_context_get(struct fs_context *fs);
// May sleep.
void fs_context_put(struct fs_context *fs);

// The working directory becomes dir (a reference is taken).  May sleep.
void fs_context_set_cwd(struct fs_context *fs, struct vnode *dir);
// Returns the old one.
uint32_t fs_context_set_umask(struct fs_context *fs, uint32_t umask);

/*
 * A walk context of the current process, with what it holds on to.
 */
struct proc_walk {
	struct walk_context ctx;
	struct file *file; // the directory of a descriptor
	bool referenced;   // root and start have references of this walk's
};

// Prepare w for a path relative to the working directory (AT_FDCWD) or to the
// directory open as dirfd; an absolute path ignores it.  -EBADF, -ENOTDIR.
int proc_walk_begin(struct proc_walk *w, int dirfd, const char *path);
void proc_walk_end(struct proc_walk *w);
