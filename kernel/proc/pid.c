// SPDX-License-Identifier: MIT
/*
 * Numbers of processes, threads, groups and sessions (proc/pid.h).
 *
 * A bit map says which numbers are in use; they are given out in ascending
 * order, starting again from the bottom, so that a number comes back as late
 * as possible.  A hash finds the struct of a number; numbers that follow each
 * other fall into different buckets by themselves.
 *
 * All state belongs to proc_tree_lock.
 */
#include "proc/pid.h"

#include "abi/errno.h"
#include "lib/bitmap.h"
#include "lib/math.h"
#include "mm/heap.h"
#include "mm/memory.h"
#include "proc/proc.h"

#define BUCKETS 1024

// Memory that a thread is worth: its kernel stack, page tables and some room.
#define BYTES_PER_THREAD (128 * 1024)
#define LIMIT_MIN        64

static uint64_t in_use[BITMAP_WORDS(PID_MAX)];
static struct list buckets[BUCKETS];
static unsigned count;
static unsigned limit;
static int last;

static struct list *
bucket_of(int number)
{
	return &buckets[(unsigned)number % BUCKETS];
}

void
pid_init(void)
{
	for (unsigned i = 0; i < BUCKETS; i++)
		list_init(&buckets[i]);
	bitmap_set(in_use, 0);
	limit = (unsigned)MIN(MAX(memory_size() / BYTES_PER_THREAD, LIMIT_MIN), PID_MAX / 2);
}

static int
take_number(void)
{
	assert_held(&proc_tree_lock);
	size_t n = bitmap_find_clear(in_use, PID_MAX, (size_t)last + 1);
	if (n == PID_MAX)
		n = bitmap_find_clear(in_use, PID_MAX, 1);
	bitmap_set(in_use, n);
	last = (int)n;
	return last;
}

int
pid_alloc(struct pid **out)
{
	struct pid *pid = heap_zalloc(sizeof *pid);

	if (pid == NULL)
		return -ENOMEM;
	list_init(&pid->group);
	pid->uses = 1;
	spin_lock(&proc_tree_lock);
	if (count >= limit) {
		spin_unlock(&proc_tree_lock);
		heap_free(pid);
		return -EAGAIN;
	}
	count++;
	pid->number = take_number();
	list_push_back(bucket_of(pid->number), &pid->hash);
	spin_unlock(&proc_tree_lock);
	*out = pid;
	return 0;
}

void
pid_use(struct pid *pid)
{
	assert_held(&proc_tree_lock);
	pid->uses++;
}

void
pid_unuse(struct pid *pid)
{
	assert_held(&proc_tree_lock);
	assert(pid->uses > 0);
	if (--pid->uses > 0)
		return;
	assert(pid->proc == NULL && pid->thread == NULL && list_empty(&pid->group) &&
	       pid->session_size == 0 && pid->tty == NULL);
	list_remove(&pid->hash);
	bitmap_clear(in_use, (size_t)pid->number);
	count--;
	heap_free(pid);
}

void
pid_unuse_unlocked(struct pid *pid)
{
	spin_lock(&proc_tree_lock);
	pid_unuse(pid);
	spin_unlock(&proc_tree_lock);
}

struct pid *
pid_find(int number)
{
	struct list *l;

	assert_held(&proc_tree_lock);
	if (number <= 0 || number >= PID_MAX)
		return NULL;
	list_for_each(l, bucket_of(number)) {
		struct pid *pid = container_of(l, struct pid, hash);
		if (pid->number == number)
			return pid;
	}
	return NULL;
}

struct pid *
pid_next(int number)
{
	assert_held(&proc_tree_lock);
	if (number >= PID_MAX)
		return NULL;
	size_t next = bitmap_find_set(in_use, PID_MAX, number < 0 ? 1 : (size_t)number + 1);
	return next < PID_MAX ? pid_find((int)next) : NULL;
}

unsigned
pid_count(void)
{
	return count;
}

unsigned
pid_limit(void)
{
	return limit;
}

int
pid_last(void)
{
	return last;
}

void
pid_set_group(struct proc *p, struct pid *group)
{
	struct pid *old = p->group;

	if (group != NULL)
		pid_use(group);
	list_remove(&p->group_link);
	p->group = group;
	if (group != NULL)
		list_push_back(&group->group, &p->group_link);
	if (old != NULL)
		pid_unuse(old);
}

void
pid_set_session(struct proc *p, struct pid *session)
{
	struct pid *old = p->session;

	if (session != NULL) {
		pid_use(session);
		session->session_size++;
	}
	p->session = session;
	if (old != NULL) {
		old->session_size--;
		pid_unuse(old);
	}
}
