// SPDX-License-Identifier: MIT
/*
 * The locking policy (the table of docs/locking.md).
 *
 * What only looks shares, what changes is alone:
 *
 *   1. A directory is held READ while a name is looked up or names are listed,
 *      and WRITE while a name comes, goes or changes.
 *   2. A file is held READ while its bytes or attributes are read, and WRITE
 *      while they, its size or its number of names change.
 *   3. An open is READ_SERIALISED: beside readers, but one open at a time, since
 *      the first one sets up what the next ones find (a FIFO's pipe).
 *
 * No operation upgrades: who may have to create first looks under READ, gives
 * that back, and looks again under WRITE.  A rename takes the rename lock of its
 * mount before any vnode, then the parents from above, then what is named; so in
 * every cycle of waits somebody would wait upwards, which nobody does.
 *
 * An open file's offset has a lock of its own, taken before the vnode's: two who
 * share the file move it one after the other.
 */
#include "vfs/vlock.h"

#include "vfs/file.h"
#include "vfs/mount.h"
#include "vfs/vnode.h"
#include "vfs/vnode_lock.h"

static enum tlock_mode
mode_of(enum vop op)
{
	switch (op) {
	case VOP_LOOKUP:
	case VOP_READDIR:
	case VOP_READ:
	case VOP_GETATTR:
	case VOP_READLINK:
	case VOP_SYNC:
	case VOP_GETPAGE:
		return TLOCK_READ;
	case VOP_OPEN:
		return TLOCK_READ_SERIALISED;
	case VOP_CREATE:
	case VOP_REMOVE:
	case VOP_RENAME:
	case VOP_WRITE:
	case VOP_TRUNCATE:
	case VOP_SETATTR:
	case VOP_INACTIVE:
		break;
	}
	return TLOCK_WRITE;
}

void
vlock_vnode(struct vnode *v, enum vop op, enum vrole role)
{
	enum tlock_mode mode = mode_of(op);

	(void)role;
	if (!tlock_try(&v->lock, mode))
		vnode_lock_wait(v, mode);
}

void
vlock_vnode_done(struct vnode *v, enum vop op, enum vrole role)
{
	(void)role;
	tlock_release(&v->lock, mode_of(op));
}

void
vlock_pair(struct vnode *a, struct vnode *b, enum vorder order, enum vop op, enum vrole role)
{
	struct vnode *first = a, *second = b;

	if (order == VORDER_APART && b != NULL && b < a) {
		first = b;
		second = a;
	}
	vlock_vnode(first, op, role);
	if (second != NULL && second != first)
		vlock_vnode(second, op, role);
}

void
vlock_pair_done(struct vnode *a, struct vnode *b, enum vop op, enum vrole role)
{
	if (b != NULL && b != a)
		vlock_vnode_done(b, op, role);
	vlock_vnode_done(a, op, role);
}

void
vlock_rename(struct mount *m)
{
	mutex_lock(&m->rename_lock);
}

void
vlock_rename_done(struct mount *m)
{
	mutex_unlock(&m->rename_lock);
}

void
vlock_file(struct file *f, enum vop op)
{
	(void)op;
	mutex_lock(&f->lock);
}

void
vlock_file_done(struct file *f, enum vop op)
{
	(void)op;
	mutex_unlock(&f->lock);
}
