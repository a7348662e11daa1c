// SPDX-License-Identifier: MIT
/*
 * Processes as text: /proc/PID/stat, status, cmdline, maps, wchan, fdcount, in
 * Linux's formats (the proc(5) manual page), which programs read.
 *
 * What is shown is gathered first, under the locks that guard it, and written
 * then.  /proc/uptime and the like are in machineinfo.c.
 */
#include "proc/procinfo.h"

#include "abi/errno.h"
#include "arch/time.h"
#include "arch/layout.h"
#include "lib/math.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "proc/fdtable.h"
#include "proc/pid.h"
#include "proc/proc_impl.h"
#include "proc/procinfo_impl.h"
#include "proc/tty.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "vfs/pseudo.h"
#include "vfs/vnode.h"
#include "vm/space.h"

#define TICKS_PER_SECOND 100 // USER_HZ
#define KIB_PER_PAGE     (PAGE_SIZE / 1024)

struct snapshot {
	int id;
	char name[PROC_NAME_SIZE];
	char state;
	int parent;
	int group;
	int session;
	uint64_t terminal;
	int foreground;
	unsigned threads;
	int priority;
	uint64_t start_ns;
	uint64_t mapped;
	uint64_t resident;
	struct proc_usage usage;
	struct proc_usage child_usage;
	sigset_t pending;
	sigset_t blocked;
	sigset_t ignored;
	sigset_t caught;
	char wait_name[32];
};

// ---- Gathering ---------------------------------------------------------------

// R, S and so on of one thread; what it waits for goes into name.
static char
thread_letter(struct thread *t, char *name, size_t size)
{
	spin_lock(&t->lock);
	enum thread_state state = t->state;
	string_copy(name, state == THREAD_ASLEEP && t->wait_name != NULL ? t->wait_name : "0",
		    size);
	spin_unlock(&t->lock);
	return state == THREAD_ASLEEP ? 'S' : 'R';
}

static void
gather_threads(struct proc *p, struct snapshot *s)
{
	struct list *l;

	s->state = 'S';
	list_for_each(l, &p->threads) {
		struct uthread *ut = container_of(l, struct uthread, link);
		bool first = l == p->threads.next;
		char name[sizeof s->wait_name];
		char letter = thread_letter(ut->thread, name, sizeof name);
		if (letter == 'R')
			s->state = 'R';
		s->pending |= ut->pending.set;
		if (!first)
			continue;
		string_copy(s->wait_name, name, sizeof s->wait_name);
		s->blocked = ut->blocked;
		s->priority = (int)sched_priority(ut->thread);
	}
	if (p->stopping && p->stopped == p->nthreads)
		s->state = 'T';
}

static void
gather_signals(struct proc *p, struct snapshot *s)
{
	s->pending |= p->pending.set;
	for (int sig = 1; sig <= SIGNAL_COUNT; sig++) {
		uaddr_t handler = p->action[sig - 1].handler;
		if (handler == SIGNAL_IGNORE)
			s->ignored |= signal_bit(sig);
		else if (handler != SIGNAL_DEFAULT)
			s->caught |= signal_bit(sig);
	}
}

static void
gather_own(struct proc *p, struct snapshot *s)
{
	spin_lock(&p->lock);
	s->threads = p->nthreads;
	string_copy(s->name, p->name, sizeof s->name);
	gather_threads(p, s);
	gather_signals(p, s);
	if (p->space != NULL) {
		s->mapped = p->space->mapped;
		s->resident = p->space->resident;
	}
	spin_unlock(&p->lock);
	proc_usage_now(p, &s->usage);
}

static int
gather(int id, struct snapshot *s)
{
	memset(s, 0, sizeof *s);
	spin_lock(&proc_tree_lock);
	struct proc *p = proc_find_locked(id);
	if (p == NULL) {
		spin_unlock(&proc_tree_lock);
		return -ESRCH;
	}
	gather_own(p, s);
	s->id = p->id;
	s->parent = p->parent != NULL ? p->parent->id : 0;
	s->group = p->group->number;
	s->session = p->session->number;
	s->start_ns = p->start_ns;
	s->child_usage = p->child_usage;
	tty_of(p, &s->terminal, &s->foreground);
	if (p->state == PROC_ZOMBIE)
		s->state = 'Z';
	spin_unlock(&proc_tree_lock);
	return 0;
}

static uint64_t
ticks(uint64_t ns)
{
	return ns / (NS_PER_SEC / TICKS_PER_SECOND);
}

// ---- The files ---------------------------------------------------------------

static int
generate_stat(struct pseudo_text *t, int id)
{
	struct snapshot s;

	int error = gather(id, &s);
	if (error != 0)
		return error;
	// Fields 1 to 13
	pseudo_printf(t, "%d (%s) %c %d %d %d %lu %d 0 %lu %lu 0 0 ", s.id, s.name, s.state,
		      s.parent, s.group, s.session, s.terminal, s.foreground, s.usage.faults,
		      s.child_usage.faults);
	// 14 to 24
	pseudo_printf(t, "%lu %lu %lu %lu %d %d %u 0 %lu %lu %lu ", ticks(s.usage.user_ns),
		      ticks(s.usage.system_ns), ticks(s.child_usage.user_ns),
		      ticks(s.child_usage.system_ns), s.priority, s.priority - 20, s.threads,
		      ticks(s.start_ns), s.mapped, s.resident);
	// 25 to 52: no limits and addresses; signals of the first 31
	pseudo_printf(t, "%lu 0 0 0 0 0 %lu %lu %lu %lu 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		      UINT64_MAX, s.pending & INT32_MAX, s.blocked & INT32_MAX,
		      s.ignored & INT32_MAX, s.caught & INT32_MAX);
	return 0;
}

static const char *
state_word(char letter)
{
	switch (letter) {
	case 'R':
		return "running";
	case 'T':
		return "stopped";
	case 'Z':
		return "zombie";
	default:
		return "sleeping";
	}
}

static int
generate_status(struct pseudo_text *t, int id)
{
	struct snapshot s;

	int error = gather(id, &s);
	if (error != 0)
		return error;
	pseudo_printf(t, "Name:\t%s\nState:\t%c (%s)\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n", s.name,
		      s.state, state_word(s.state), s.id, s.id, s.parent);
	pseudo_printf(t, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
	pseudo_printf(t, "VmSize:\t%lu kB\nVmHWM:\t%lu kB\nVmRSS:\t%lu kB\nThreads:\t%u\n",
		      s.mapped / 1024, s.usage.resident_max * KIB_PER_PAGE,
		      s.resident * KIB_PER_PAGE, s.threads);
	pseudo_printf(t, "SigPnd:\t%016lx\nSigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n",
		      s.pending, s.blocked, s.ignored, s.caught);
	pseudo_printf(t, "switches:\t%lu\n", s.usage.switches);
	return 0;
}

static int
generate_cmdline(struct pseudo_text *t, int id)
{
	struct proc *p = proc_find(id);
	char *copy = NULL;
	int error = 0;

	if (p == NULL)
		return -ESRCH;
	spin_lock(&p->lock);
	size_t size = p->state == PROC_ALIVE ? p->cmdline_size : 0;
	if (size > 0) {
		copy = heap_alloc(size);
		if (copy != NULL)
			memcpy(copy, p->cmdline, size);
		else
			error = -ENOMEM;
	}
	spin_unlock(&p->lock);
	proc_put(p);
	if (copy != NULL)
		pseudo_write(t, copy, size);
	heap_free(copy);
	return error;
}

static const char *
region_name(const struct region *r)
{
	if (r->flags & REGION_STACK)
		return "[stack]";
	if (r->flags & REGION_HEAP)
		return "[heap]";
	return r->start == SIGRETURN_ADDRESS ? "[sigreturn]" : "";
}

static void
print_region(void *arg, const struct region *r)
{
	const char *name = region_name(r);

	pseudo_printf(arg, "%08lx-%08lx %c%c%c%c %08lx 00:00 %lu%s%s\n", r->start, r->end,
		      r->protection & PTE_R ? 'r' : '-', r->protection & PTE_W ? 'w' : '-',
		      r->protection & PTE_X ? 'x' : '-', r->flags & REGION_SHARED ? 's' : 'p',
		      r->vnode != NULL ? r->offset : 0, r->vnode != NULL ? r->vnode->number : 0,
		      *name != '\0' ? " " : "", name);
}

static int
generate_maps(struct pseudo_text *t, int id)
{
	struct proc *p = proc_find(id);

	if (p == NULL)
		return -ESRCH;
	struct space *s = proc_space_get(p);
	proc_put(p);
	if (s == NULL)
		return 0;
	space_for_each_region(s, print_region, t);
	space_put(s);
	return 0;
}

static int
generate_wchan(struct pseudo_text *t, int id)
{
	struct snapshot s;

	int error = gather(id, &s);
	if (error == 0)
		pseudo_printf(t, "%s\n", s.wait_name);
	return error;
}

static int
generate_fdcount(struct pseudo_text *t, int id)
{
	struct proc *p = proc_find(id);

	if (p == NULL)
		return -ESRCH;
	struct fdtable *files = proc_files_get(p);
	proc_put(p);
	pseudo_printf(t, "%u\n", files != NULL ? fdtable_count(files) : 0);
	if (files != NULL)
		fdtable_put(files);
	return 0;
}

static struct pseudo_process_file files[] = {
	{ .name = "stat", .generate = generate_stat },
	{ .name = "status", .generate = generate_status },
	{ .name = "cmdline", .generate = generate_cmdline },
	{ .name = "maps", .generate = generate_maps },
	{ .name = "wchan", .generate = generate_wchan },
	{ .name = "fdcount", .generate = generate_fdcount },
};

static int
next_pid(int id)
{
	struct proc *p = proc_next(id);
	int next = p != NULL ? p->id : 0;

	if (p != NULL)
		proc_put(p);
	return next;
}

static int
self_pid(void)
{
	struct uthread *ut = uthread_current();

	return ut != NULL ? ut->proc->id : 0;
}

void
procinfo_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++)
		pseudo_register_process(&files[i]);
	pseudo_set_processes(next_pid, self_pid);
	machineinfo_init();
}
