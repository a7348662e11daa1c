// SPDX-License-Identifier: MIT
/*
 * The check above the locking policy.
 *
 * Vnodes are of one rank.  Their order among themselves (parent before child) is
 * expressed by the role: a directory of a name is the first that a thread locks,
 * a target may follow it.  What a thread holds is noted before the policy may
 * wait, so that a wait in the wrong order is found even if nobody is in the way.
 */
#include "vfs/vnode_lock.h"

#include "sync/ranked.h"
#include "vfs/vnode.h"

#define RETURN_ADDRESS ((uint64_t)__builtin_return_address(0))

static struct lock_class vnode_class = LOCK_CLASS("vnode", RANK_VNODE);

static enum rank_nesting
nesting_of(enum vrole role)
{
	return role == VROLE_TARGET ? RANK_NESTED_EQUAL : RANK_STRICT;
}

void
vnode_lock(struct vnode *v, enum vop op, enum vrole role)
{
	ranked_acquire(&v->lock, &vnode_class, RETURN_ADDRESS, nesting_of(role));
	vlock_vnode(v, op, role);
}

void
vnode_unlock(struct vnode *v, enum vop op, enum vrole role)
{
	vlock_vnode_done(v, op, role);
	ranked_release(&v->lock, &vnode_class);
}

void
vnode_lock_pair(struct vnode *a, struct vnode *b, enum vorder order, enum vop op,
		enum vrole role)
{
	ranked_acquire(&a->lock, &vnode_class, RETURN_ADDRESS, nesting_of(role));
	if (b != NULL && b != a)
		ranked_acquire(&b->lock, &vnode_class, RETURN_ADDRESS, RANK_NESTED_EQUAL);
	vlock_pair(a, b, order, op, role);
}

void
vnode_unlock_pair(struct vnode *a, struct vnode *b, enum vop op, enum vrole role)
{
	vlock_pair_done(a, b, op, role);
	if (b != NULL && b != a)
		ranked_release(&b->lock, &vnode_class);
	ranked_release(&a->lock, &vnode_class);
}
