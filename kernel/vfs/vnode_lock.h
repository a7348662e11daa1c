// SPDX-License-Identifier: MIT
/*
 * Locking vnodes, as the VFS calls it: the policy of vfs/vlock.h under the check
 * of the lock order, the count by class, and the thread's list of what it holds
 * (with the place in the VFS that took it).
 */
#pragma once

#include "sync/tlock.h"
#include "vfs/vlock.h"

// Lock v for op in role, and unlock with the same op and role.  May sleep.
void vnode_lock(struct vnode *v, enum vop op, enum vrole role);
void vnode_unlock(struct vnode *v, enum vop op, enum vrole role);

// Two vnodes of one role; they may be the same, or b NULL.
void vnode_lock_pair(struct vnode *a, struct vnode *b, enum vorder order, enum vop op,
		     enum vrole role);
void vnode_unlock_pair(struct vnode *a, struct vnode *b, enum vop op, enum vrole role);

// For vlock.c: acquire v's lock, which was not to be had at once, with the report
// of a wait that is too long.
void vnode_lock_wait(struct vnode *v, enum tlock_mode mode);
