// SPDX-License-Identifier: MIT
/*
 * What the files of the directory operations share.
 */
#pragma once

#include "vfs/vnode.h"

// A name in dir, locked for writing, now means a number (0: nothing), or the
// change failed with error: tell the name cache.  Returns error.
int dirops_changed(struct vnode *dir, const char *name, size_t length, uint64_t number, int error);

// Whether v is mounted on or the root of a mount, and so must stay.
bool dirops_is_mount_point(struct vnode *v);

// What a name in dir means, with a reference, made if there is no such name;
// *made says which.  dir is locked for VOP_CREATE.
int dirops_find_or_create(struct vnode *dir, const char *name, size_t length,
			  const struct vnode_new *what, struct vnode **out, bool *made);
