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

#include "sched/sched.h"
#include "sync/ranked.h"
#include "vfs/vnode.h"

#define RETURN_ADDRESS ((uint64_t)__builtin_return_address(0))

static struct lock_class vnode_class = LOCK_CLASS("vnode", RANK_VNODE);

static void
begin(struct vnode *v, enum rank_nesting nesting, uint64_t site)
{
	assert_may_sleep("vnode");
	sched_point();
	ranked_acquire(&v->lock, &vnode_class, site, nesting);
	ranked_count(&vnode_class);
}

static void
end(struct vnode *v)
{
	ranked_release(&v->lock, &vnode_class);
	sched_point();
}

static enum rank_nesting
nesting_of(enum vrole role)
{
	return role == VROLE_TARGET ? RANK_NESTED_EQUAL : RANK_STRICT;
}

void
vnode_lock(struct vnode *v, enum vop op, enum vrole role)
{
	begin(v, nesting_of(role), RETURN_ADDRESS);
	vlock_vnode(v, op, role);
}

void
vnode_unlock(struct vnode *v, enum vop op, enum vrole role)
{
	vlock_vnode_done(v, op, role);
	end(v);
}

void
vnode_lock_pair(struct vnode *a, struct vnode *b, enum vorder order, enum vop op, enum vrole role)
{
	begin(a, nesting_of(role), RETURN_ADDRESS);
	if (b != NULL && b != a)
		begin(b, RANK_NESTED_EQUAL, RETURN_ADDRESS);
	vlock_pair(a, b, order, op, role);
}

void
vnode_unlock_pair(struct vnode *a, struct vnode *b, enum vop op, enum vrole role)
{
	vlock_pair_done(a, b, op, role);
	if (b != NULL && b != a)
		end(b);
	end(a);
}

void
vnode_lock_wait(struct vnode *v, enum tlock_mode mode)
{
	struct ranked_wait w;

	ranked_wait_begin(&w, &v->lock, &vnode_class, RETURN_ADDRESS, NULL, RANKED_BOUNDED);
	tlock_acquire(&v->lock, mode);
	ranked_wait_end(&w);
}
