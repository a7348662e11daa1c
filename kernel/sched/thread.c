// SPDX-License-Identifier: MIT
/*
 * Threads: making them, counting who refers to them, freeing them.
 *
 * A thread has a reference to itself from thread_create() until the switch away
 * from it for the last time, which is when its stack is no longer in use.
 */
#include "sched/thread.h"

#include "abi/errno.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/kstack.h"
#include "sched/sched_impl.h"

static struct lock_class thread_class = LOCK_CLASS("thread", RANK_THREAD);
static struct lock_class list_class = LOCK_CLASS("threads", RANK_THREAD_LIST);

static struct spinlock list_lock = SPINLOCK_INIT(&list_class);
static struct list all = LIST_INIT(all); // [list_lock]
static unsigned count;                   // [list_lock]; read by anyone

static int32_t last_kernel_id; // atomic

void
thread_init(struct thread *t, const char *name)
{
	spin_init(&t->lock, &thread_class);
	t->state = THREAD_NEW;
	t->refs = 1;
	list_init(&t->all);
	policy_thread_init(&t->policy, POLICY_PRIORITY_DEFAULT);
	string_copy(t->arch.name, name, sizeof(t->arch.name));
	// The first thing it does is to give the run queue's lock back.
	t->arch.intr_depth = 1;
	t->arch.intr_were_on = 1;
}

static struct thread *
alloc(const char *name)
{
	struct thread *t = heap_zalloc(sizeof(*t));
	if (t == NULL)
		return NULL;

	t->arch.stack_top = kstack_alloc();
	if (t->arch.stack_top == 0) {
		heap_free(t);
		return NULL;
	}
	thread_init(t, name);
	return t;
}

static void
begin(void *arg)
{
	struct thread *t = arg;

	sched_finish_switch(); // interrupts are on now
	t->entry(t->arg);
	thread_exit();
}

static void
list_add(struct thread *t)
{
	spin_lock(&list_lock);
	list_push_back(&all, &t->all);
	__atomic_store_n(&count, count + 1, __ATOMIC_RELAXED);
	spin_unlock(&list_lock);
}

static void
list_drop(struct thread *t)
{
	spin_lock(&list_lock);
	list_remove(&t->all);
	__atomic_store_n(&count, count - 1, __ATOMIC_RELAXED);
	spin_unlock(&list_lock);
}

int
thread_create(const char *name, struct proc *proc, void (*entry)(void *), void *arg,
	      struct thread **out)
{
	struct thread *t = alloc(name);
	if (t == NULL)
		return -ENOMEM;

	t->refs = 2;
	t->entry = entry;
	t->arg = arg;
	t->proc = proc;
	t->user = proc != NULL;
	if (!t->user)
		t->arch.id = __atomic_sub_fetch(&last_kernel_id, 1, __ATOMIC_RELAXED);
	else if (thread_current()->user) // nice values are inherited
		policy_set_priority(&t->policy, sched_priority(thread_current()));
	context_init(&t->arch, t->arch.stack_top, begin, t);
	list_add(t);
	*out = t;
	return 0;
}

struct thread *
thread_create_idle(unsigned hart)
{
	char name[sizeof(((struct arch_thread *)0)->name)];

	format_string(name, sizeof(name), "idle%u", hart);
	struct thread *t = alloc(name);
	if (t == NULL)
		panic("no memory for the idle thread of hart %u; give QEMU more (MEM=)", hart);
	t->state = THREAD_RUNNING;
	t->queue = hart;
	t->arch.intr_depth = 0; // it isn't switched to at first, its hart starts with it
	return t;
}

void
thread_exit(void)
{
	struct thread *t = thread_current();

	rank_assert_none(&t->held, "thread_exit");
	assert_may_sleep("thread_exit");
	list_drop(t);
	sched_exit(t);
}

void
thread_get(struct thread *t)
{
	__atomic_fetch_add(&t->refs, 1, __ATOMIC_RELAXED);
}

void
thread_put(struct thread *t)
{
	uint32_t refs = __atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL);
	assert(refs != UINT32_MAX);
	if (refs != 0)
		return;

	assert(t->state == THREAD_DEAD || t->state == THREAD_NEW);
	if (t->state == THREAD_NEW)
		list_drop(t);
	kstack_free(t->arch.stack_top);
	heap_free(t);
}

void
thread_for_each(void (*fn)(void *arg, struct thread *t), void *arg)
{
	struct list *l;

	spin_lock(&list_lock);
	list_for_each(l, &all)
		fn(arg, container_of(l, struct thread, all));
	spin_unlock(&list_lock);
}

unsigned
thread_count(void)
{
	return __atomic_load_n(&count, __ATOMIC_RELAXED);
}

bool
thread_list_trylock(void)
{
	return spin_trylock(&list_lock);
}

void
thread_list_unlock(void)
{
	spin_unlock(&list_lock);
}

struct list *
thread_list(void)
{
	return &all;
}

const char *
thread_state_name(enum thread_state state)
{
	static const char *const names[] = {
		[THREAD_NEW] = "new",       [THREAD_READY] = "ready", [THREAD_RUNNING] = "running",
		[THREAD_ASLEEP] = "asleep", [THREAD_DEAD] = "dead",
	};

	return (unsigned)state <= THREAD_DEAD ? names[state] : "?";
}
