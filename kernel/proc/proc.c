// SPDX-License-Identifier: MIT
/*
 * The table of processes and their memory (proc/proc.h).
 *
 * Rules of the whole folder
 *   1. proc_tree_lock comes before a process's lock; a process's lock is never
 *      held together with another's.  What needs both ends (a child that tells
 *      its parent) holds the tree lock and takes the two one after the other.
 *   2. A process is found by its number under the tree lock.  Who wants to keep
 *      it longer takes a reference; that keeps the memory, not the process.
 *   3. A process has: one reference from the table until it is waited for, one
 *      from each of its threads, one from each lookup.
 *   4. A thread is in proc->threads from before its first instruction until it
 *      begins to end, and only then others may use its struct uthread.
 *   5. Resources (space, descriptors, directories) go with the last thread,
 *      before the process becomes a zombie.
 *   6. Process 1 is the parent of last resort; its end is the machine's.
 */
#include "proc/proc.h"

#include "mm/heap.h"
#include "proc/fdtable.h"
#include "proc/pid.h"
#include "proc/proc_impl.h"
#include "sched/clock.h"
#include "sched/thread.h"
#include "vm/space.h"

static struct lock_class tree_class = LOCK_CLASS("process tree", RANK_PROC_TREE);
static struct lock_class proc_class = LOCK_CLASS("process", RANK_PROC);

struct spinlock proc_tree_lock = SPINLOCK_INIT(&tree_class);

static struct list all = LIST_INIT(all); // in no order

static void
init_lists(struct proc *p)
{
	list_init(&p->children);
	list_init(&p->zombies);
	list_init(&p->sibling);
	list_init(&p->all);
	list_init(&p->group_link);
	list_init(&p->threads);
	waitqueue_init(&p->wait, "a child");
	waitqueue_init(&p->exec_wait, "the end of other threads");
	waitqueue_init(&p->stop_wait, "SIGCONT");
	waitqueue_init(&p->vfork_wait, "a vfork child");
	signal_queue_init(&p->pending);
}

struct proc *
proc_alloc(struct pid *pid)
{
	struct proc *p = heap_zalloc(sizeof *p);

	if (p == NULL)
		return NULL;
	spin_init(&p->lock, &proc_class);
	p->refs = 1;
	p->id = pid->number;
	p->pid = pid;
	p->start_ns = clock_monotonic_ns();
	p->exit_signal = SIGCHLD;
	init_lists(p);
	return p;
}

void
proc_get(struct proc *p)
{
	__atomic_fetch_add(&p->refs, 1, __ATOMIC_RELAXED);
}

void
proc_put(struct proc *p)
{
	uint32_t old = __atomic_fetch_sub(&p->refs, 1, __ATOMIC_ACQ_REL);

	assert(old > 0);
	if (old > 1)
		return;
	assert(list_empty(&p->threads) && list_empty(&p->children) && !list_linked(&p->all));
	assert(p->space == NULL && p->files == NULL && p->fs == NULL);
	signal_queue_clear(&p->pending);
	heap_free(p->cmdline);
	heap_free(p);
}

struct proc *
proc_find_locked(int id)
{
	struct pid *pid = pid_find(id);

	return pid != NULL ? pid->proc : NULL;
}

struct proc *
proc_find(int id)
{
	spin_lock(&proc_tree_lock);
	struct proc *p = proc_find_locked(id);
	if (p != NULL)
		proc_get(p);
	spin_unlock(&proc_tree_lock);
	return p;
}

struct proc *
proc_next(int id)
{
	struct pid *pid;

	spin_lock(&proc_tree_lock);
	do
		pid = pid_next(id);
	while (pid != NULL && (id = pid->number, pid->proc == NULL));
	struct proc *p = pid != NULL ? pid->proc : NULL;
	if (p != NULL)
		proc_get(p);
	spin_unlock(&proc_tree_lock);
	return p;
}

void
proc_publish(struct proc *p)
{
	assert_held(&proc_tree_lock);
	proc_get(p);
	p->pid->proc = p;
	pid_use(p->pid);
	list_push_back(&all, &p->all);
}

void
proc_unpublish(struct proc *p)
{
	assert_held(&proc_tree_lock);
	list_remove(&p->sibling);
	list_remove(&p->all);
	p->parent = NULL;
	p->state = PROC_GONE;
	pid_set_group(p, NULL);
	pid_set_session(p, NULL);
	p->pid->proc = NULL;
	pid_unuse(p->pid);
	p->pid = NULL;
	proc_put(p);
}

void
proc_for_each(void (*fn)(void *arg, struct proc *p), void *arg)
{
	struct list *l;

	spin_lock(&proc_tree_lock);
	list_for_each(l, &all)
		fn(arg, container_of(l, struct proc, all));
	spin_unlock(&proc_tree_lock);
}

static void
count_one(void *arg, struct proc *p)
{
	(void)p;
	++*(unsigned *)arg;
}

unsigned
proc_count(void)
{
	unsigned n = 0;

	proc_for_each(count_one, &n);
	return n;
}

struct space *
proc_space_get(struct proc *p)
{
	spin_lock(&p->lock);
	struct space *s = p->space;
	if (s != NULL)
		space_get(s);
	spin_unlock(&p->lock);
	return s;
}

struct fdtable *
proc_files_get(struct proc *p)
{
	spin_lock(&p->lock);
	struct fdtable *files = p->files;
	if (files != NULL)
		fdtable_get(files);
	spin_unlock(&p->lock);
	return files;
}
