// SPDX-License-Identifier: MIT
/*
 * Working directory, root and umask (proc/fscontext.h).
 *
 * A walk uses the vnodes of the context without its lock, so another thread
 * that changes the directory meanwhile must not drop the last reference: the
 * walk takes its own.  Where nobody else can change it, because neither the
 * context nor the process is shared, it does without.
 */
#include "proc/fscontext.h"

#include "abi/errno.h"
#include "lock/spinlock.h"
#include "mm/heap.h"
#include "proc/fdtable.h"
#include "proc/proc.h"
#include "vfs/file.h"

/*
 *   a  atomic
 *   f  lock
 */
struct fs_context {
	struct spinlock lock;
	uint32_t refs;      // [a]
	struct vnode *root; // [f] referenced
	struct vnode *cwd;  // [f] referenced
	uint32_t umask;     // [f]
};

#define UMASK_DEFAULT 022

static struct lock_class fs_context_class = LOCK_CLASS("fs context", RANK_FS_CONTEXT);

static struct fs_context *
alloc_with(struct vnode *root, struct vnode *cwd, uint32_t umask)
{
	struct fs_context *fs = heap_zalloc(sizeof *fs);

	if (fs == NULL)
		return NULL;
	spin_init(&fs->lock, &fs_context_class);
	fs->refs = 1;
	fs->root = root;
	fs->cwd = cwd;
	fs->umask = umask;
	return fs;
}

struct fs_context *
fs_context_alloc(struct vnode *root)
{
	struct fs_context *fs = alloc_with(root, root, UMASK_DEFAULT);

	if (fs == NULL)
		return NULL;
	vnode_get(root);
	vnode_get(root);
	return fs;
}

struct fs_context *
fs_context_copy(struct fs_context *fs)
{
	struct fs_context *copy = alloc_with(NULL, NULL, 0);

	if (copy == NULL)
		return NULL;
	spin_lock(&fs->lock);
	copy->root = fs->root;
	copy->cwd = fs->cwd;
	copy->umask = fs->umask;
	vnode_get(copy->root);
	vnode_get(copy->cwd);
	spin_unlock(&fs->lock);
	return copy;
}

void
fs_context_get(struct fs_context *fs)
{
	__atomic_fetch_add(&fs->refs, 1, __ATOMIC_RELAXED);
}

void
fs_context_put(struct fs_context *fs)
{
	if (__atomic_fetch_sub(&fs->refs, 1, __ATOMIC_ACQ_REL) > 1)
		return;
	vnode_put(fs->root);
	vnode_put(fs->cwd);
	heap_free(fs);
}

void
fs_context_set_cwd(struct fs_context *fs, struct vnode *dir)
{
	vnode_get(dir);
	spin_lock(&fs->lock);
	struct vnode *old = fs->cwd;
	fs->cwd = dir;
	spin_unlock(&fs->lock);
	vnode_put(old);
}

uint32_t
fs_context_set_umask(struct fs_context *fs, uint32_t umask)
{
	spin_lock(&fs->lock);
	uint32_t old = fs->umask;
	fs->umask = umask & 0777;
	spin_unlock(&fs->lock);
	return old;
}

// Nobody but the current thread can change the context.
static bool
is_private(struct proc *p)
{
	return __atomic_load_n(&p->fs->refs, __ATOMIC_ACQUIRE) == 1 &&
	       __atomic_load_n(&p->nthreads, __ATOMIC_ACQUIRE) == 1;
}

static int
start_at_file(struct proc_walk *w, struct proc *p, int dirfd)
{
	struct file *f = fdtable_file(p->files, dirfd);

	if (f == NULL)
		return -EBADF;
	if (f->vnode == NULL || f->vnode->type != VNODE_DIRECTORY) {
		file_put(f);
		return -ENOTDIR;
	}
	w->file = f;
	w->ctx.start = f->vnode;
	return 0;
}

int
proc_walk_begin(struct proc_walk *w, int dirfd, const char *path)
{
	struct proc *p = proc_current();
	struct fs_context *fs = p->fs;

	w->file = NULL;
	w->ctx.start = NULL;
	w->ctx.owner = 0;
	w->ctx.group = 0;
	if (dirfd != AT_FDCWD && path[0] != '/') {
		int error = start_at_file(w, p, dirfd);
		if (error != 0)
			return error;
	}
	w->referenced = !is_private(p);
	spin_lock(&fs->lock);
	w->ctx.root = fs->root;
	w->ctx.umask = fs->umask;
	if (w->file == NULL)
		w->ctx.start = fs->cwd;
	if (w->referenced) {
		vnode_get(w->ctx.root);
		vnode_get(w->ctx.start);
	}
	spin_unlock(&fs->lock);
	return 0;
}

void
proc_walk_end(struct proc_walk *w)
{
	if (w->referenced) {
		vnode_put(w->ctx.root);
		vnode_put(w->ctx.start);
	}
	if (w->file != NULL)
		file_put(w->file);
}
