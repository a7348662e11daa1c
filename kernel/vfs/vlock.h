// SPDX-License-Identifier: MIT
/*
 * The locking policy of the VFS: which operation holds what in which mode.
 *
 * VFS code reaches these hooks at fixed points (through vfs/vnode_lock.h, which
 * checks the order) and never a vnode's lock directly; vlock.c holds the whole
 * policy and is, with sync/tlock.c, what a student of lab 6-vfs writes.  docs/locking.md has the table, operation by
 * operation, which is the specification.
 *
 * Rules
 *   1. At most two directories and two of their entries are locked at once,
 *      parent before child.
 *   2. Two directories: the ancestor first; if neither is one, by address; and
 *      only under the rename lock of their mount.
 *   3. ".." is asked of the child, under the child's lock, and the parent is
 *      locked only after the child was given back.
 *   4. What was looked up is checked again after its lock was waited for: it
 *      may have been removed (v->removed, links == 0).
 */
#pragma once

#include "arch/types.h"

struct file;
struct mount;
struct vnode;

// What is being done.
enum vop {
	VOP_LOOKUP, // find a name in a directory
	VOP_READDIR,
	VOP_CREATE, // make a name: file, directory, link, node
	VOP_REMOVE, // take a name away: parent and victim
	VOP_RENAME,
	VOP_READ,
	VOP_WRITE,
	VOP_TRUNCATE,
	VOP_GETATTR,
	VOP_SETATTR,
	VOP_READLINK,
	VOP_OPEN,
	VOP_SYNC,
	VOP_INACTIVE, // the last reference goes
	VOP_GETPAGE,  // a page fault in a mapping
};

// The part that a vnode has in the operation.
enum vrole {
	VROLE_DIR,    // the directory of the name
	VROLE_TARGET, // what the name means
	VROLE_FILE,   // an open file's
};

// How two vnodes lie in the tree.
enum vorder {
	VORDER_BELOW, // the second lies below the first
	VORDER_APART, // neither lies below the other
};

// Lock v for op in role, and unlock.
void vlock_vnode(struct vnode *v, enum vop op, enum vrole role);
void vlock_vnode_done(struct vnode *v, enum vop op, enum vrole role);

// Two vnodes of one role at once (two parents of a rename; a source and what
// it replaces); they may be the same, or b NULL.
void vlock_pair(struct vnode *a, struct vnode *b, enum vorder order, enum vop op, enum vrole role);
void vlock_pair_done(struct vnode *a, struct vnode *b, enum vop op, enum vrole role);

// One rename across directories at a time in a mount.
void vlock_rename(struct mount *m);
void vlock_rename_done(struct mount *m);

// An open file's offset, for an operation that uses or moves it.
void vlock_file(struct file *f, enum vop op);
void vlock_file_done(struct file *f, enum vop op);
