// SPDX-License-Identifier: MIT
/*
 * What the files of vfs/ share: mount points in the table of vnodes, and the
 * path walk step by step.
 */
#pragma once

#include "vfs/mount.h"
#include "vfs/walk.h"

// ---- vnode.c ---------------------------------------------------------------

// The root of the mount that covers v, with a reference, or NULL.
struct vnode *vnode_mounted(struct vnode *v);
// Let m cover v.  -EBUSY if another one does.
int vnode_cover(struct vnode *v, struct mount *m);

// v has lost its last name: the last reference frees it.  Its lock is held.
void vnode_unlinked(struct vnode *v);

// ---- walk.c ----------------------------------------------------------------

/*
 * A walk that is under way.  After walk_to_last() the last component's name is
 * at `rest`, `length` bytes long, and `trailing` says that slashes follow.
 */
struct walk {
	const struct walk_context *ctx;
	struct vnode *at; // reached, with a reference
	const char *rest; // what is left of the path
	char *buffer;     // where rest lies once a symbolic link was followed
	size_t length;
	unsigned links; // followed
	bool trailing;
};

// Start, and give back all that a walk holds.  begin: -ENOENT for "".
int walk_begin(struct walk *w, const struct walk_context *ctx, const char *path);
void walk_end(struct walk *w);

// Walk to the directory of the last component.  length 0: there is none ("/").
int walk_to_last(struct walk *w);
// Whether the last component is "." or "..", or missing.
bool walk_last_special(const struct walk *w);
// The link is what the last component means: go on with what it says, to the
// directory of the last component there.
int walk_follow_last(struct walk *w, struct vnode *link);

// What a name in dir means, with a reference; the mount on it is not entered.
// Locks dir.
int walk_lookup(struct vnode *dir, const char *name, size_t length, struct vnode **out);
// The same; dir is locked by the caller in any mode.
int walk_lookup_locked(struct vnode *dir, const char *name, size_t length, struct vnode **out);
// The directory above dir, which is not the root of its mount, in that mount,
// with a reference.  Locks dir.
int walk_parent_in_mount(struct vnode *dir, struct vnode **out);
// Pass to the root of what is mounted on v, with v's reference.
struct vnode *walk_cross(struct vnode *v);
