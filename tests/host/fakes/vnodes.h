// SPDX-License-Identifier: MIT
/*
 * vnodes.c: the table of vnodes (vfs/vnode.h) and one mount, for testing a file
 * system without the VFS.  One thread, no locks: the test is the VFS.  A vnode
 * without references stays in memory until fake_vnodes_forget(), as in the
 * kernel, unless it has no links.
 */
#pragma once

#include "vfs/mount.h"
#include "vfs/vnode.h"

// The type that was registered last.
extern struct fs_type *fake_fs_type;

// Mount; the mount is m.  Returns the file system's error.
int fake_mount(struct mount *m, const char *source, unsigned flags);
// Sync, forget all vnodes (none may be referenced), unmount.
void fake_unmount(struct mount *m);

// Forget the vnodes that nobody references.
void fake_vnodes_forget(void);
unsigned fake_vnodes_referenced(void);
