// SPDX-License-Identifier: MIT
/*
 * Sending signals, dispositions and masks (proc/signal.h).
 *
 * A pending signal is a bit in a set; what is known about it is an entry in a
 * list, which is missing if there was no memory for it.  So SIGKILL needs none.
 *
 * Rules
 *   1. What a process ignores is dropped when sent, unless a thread blocks it:
 *      the disposition may change before it is unblocked (as Linux does).
 *   2. SIGCONT throws away pending stop signals, and they it.
 *   3. SIGKILL takes effect when it is sent: the process is exiting from then
 *      on; every thread is told.
 *   4. Process 1 takes only signals that it has a handler for; but a fault of
 *      its own ends it.
 *   5. A thread with something to take has `attention` set and its sleeps are
 *      interrupted, both under the process's lock.  It clears them under that
 *      lock when it finds nothing left to take.
 */
#include "abi/errno.h"
#include "abi/wait.h"
#include "lib/kstat.h"
#include "mm/heap.h"
#include "proc/pid.h"
#include "proc/proc_impl.h"
#include "proc/signal_impl.h"
#include "sched/sched.h"
#include "sched/thread.h"

#define STOP_SIGNALS \
	(signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU))
#define UNBLOCKABLE (signal_bit(SIGKILL) | signal_bit(SIGSTOP))

// ---- Queues ------------------------------------------------------------------

void
signal_queue_init(struct signal_queue *q)
{
	q->set = 0;
	q->count = 0;
	list_init(&q->entries);
}

static void
remove_entry(struct signal_queue *q, struct signal_entry *e)
{
	list_remove(&e->link);
	q->count--;
	if (e->allocated)
		heap_free(e);
}

void
signal_queue_remove(struct signal_queue *q, sigset_t set)
{
	struct list *l, *next;

	if ((q->set & set) == 0)
		return;
	q->set &= ~set;
	list_for_each_safe(l, next, &q->entries) {
		struct signal_entry *e = container_of(l, struct signal_entry, link);
		if (signal_bit(e->signal) & set)
			remove_entry(q, e);
	}
}

void
signal_queue_clear(struct signal_queue *q)
{
	signal_queue_remove(q, ~(sigset_t)0);
}

void
signal_queue_take(struct signal_queue *q, int sig, struct signal_info *info)
{
	struct signal_entry *first = NULL;
	bool more = false;
	struct list *l;

	list_for_each(l, &q->entries) {
		struct signal_entry *e = container_of(l, struct signal_entry, link);
		if (e->signal != sig)
			continue;
		if (first != NULL) {
			more = true;
			break;
		}
		first = e;
	}
	if (!more)
		q->set &= ~signal_bit(sig);
	if (first == NULL) {
		*info = (struct signal_info){ .code = SI_USER };
		return;
	}
	*info = first->info;
	remove_entry(q, first);
}

// Add sig to q; entry is used if there is one, else one is allocated.
static int
queue_add(struct signal_queue *q, int sig, const struct signal_info *info,
	  struct signal_entry *entry)
{
	if (sig <= SIGNAL_STANDARD_MAX && (q->set & signal_bit(sig)))
		return 0;
	if (sig > SIGNAL_STANDARD_MAX && q->count >= SIGNAL_QUEUE_MAX)
		return -EAGAIN;
	bool allocated = entry == NULL;
	if (allocated)
		entry = heap_alloc(sizeof *entry);
	q->set |= signal_bit(sig);
	if (entry == NULL)
		return 0;
	entry->signal = sig;
	entry->allocated = allocated;
	entry->info = *info;
	list_push_back(&q->entries, &entry->link);
	q->count++;
	return 0;
}

// ---- Telling threads ---------------------------------------------------------

void
signal_notify(struct uthread *ut)
{
	struct thread *t = ut->thread;

	__atomic_store_n(&ut->attention, true, __ATOMIC_SEQ_CST);
	thread_interrupt(t);
	sched_kick(t);
}

void
signal_notify_others(struct proc *p, struct uthread *except)
{
	struct list *l;

	assert_held(&p->lock);
	list_for_each(l, &p->threads) {
		struct uthread *ut = container_of(l, struct uthread, link);
		if (ut != except)
			signal_notify(ut);
	}
	wake_all(&p->stop_wait);
	wake_all(&p->vfork_wait);
}

void
signal_retarget(struct proc *p)
{
	struct list *l;

	assert_held(&p->lock);
	list_for_each(l, &p->threads) {
		struct uthread *ut = container_of(l, struct uthread, link);
		if (p->pending.set & ~ut->blocked)
			signal_notify(ut);
	}
}

// One thread that can take sig is enough.
static void
notify_one(struct proc *p, int sig)
{
	struct list *l;

	list_for_each(l, &p->threads) {
		struct uthread *ut = container_of(l, struct uthread, link);
		if (!(ut->blocked & signal_bit(sig))) {
			signal_notify(ut);
			return;
		}
	}
}

void
signal_group_exit(struct proc *p, int wait_status)
{
	assert_held(&p->lock);
	if (p->exiting)
		return;
	p->exiting = true;
	p->exit_status = wait_status;
	signal_notify_others(p, NULL);
}

bool
signal_must_end(const struct uthread *ut)
{
	const struct proc *p = ut->proc;

	return p->exiting || (p->exec_owner != NULL && p->exec_owner != ut);
}

// ---- Sending -----------------------------------------------------------------

enum signal_default
signal_default_action(int sig)
{
	switch (sig) {
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
		return DEFAULT_IGNORE;
	case SIGCONT:
		return DEFAULT_CONTINUE;
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return DEFAULT_STOP;
	default:
		return DEFAULT_END;
	}
}

bool
signal_is_ignored(struct proc *p, int sig)
{
	uaddr_t handler = p->action[sig - 1].handler;

	assert_held(&p->lock);
	if (handler == SIGNAL_IGNORE)
		return true;
	if (handler != SIGNAL_DEFAULT)
		return false;
	return p->id == 1 || signal_default_action(sig) == DEFAULT_IGNORE ||
	       signal_default_action(sig) == DEFAULT_CONTINUE;
}

static bool
is_blocked_somewhere(struct proc *p, int sig)
{
	struct list *l;

	list_for_each(l, &p->threads)
		if (container_of(l, struct uthread, link)->blocked & signal_bit(sig))
			return true;
	return false;
}

static void
remove_everywhere(struct proc *p, sigset_t set)
{
	struct list *l;

	signal_queue_remove(&p->pending, set);
	list_for_each(l, &p->threads)
		signal_queue_remove(&container_of(l, struct uthread, link)->pending, set);
}

// Send to p; ut NULL: to any of its threads.  The tree lock is held, unless sig
// neither stops nor continues.
static int
send(struct proc *p, struct uthread *ut, int sig, const struct signal_info *info)
{
	bool continued = false;
	int error = 0;

	spin_lock(&p->lock);
	if (sig == SIGCONT) {
		remove_everywhere(p, STOP_SIGNALS);
		continued = stop_end(p);
	} else if (signal_bit(sig) & STOP_SIGNALS) {
		remove_everywhere(p, signal_bit(SIGCONT));
	}
	if (!signal_is_ignored(p, sig) || is_blocked_somewhere(p, sig)) {
		error = queue_add(ut != NULL ? &ut->pending : &p->pending, sig, info, NULL);
		if (sig == SIGKILL)
			signal_group_exit(p, W_EXITCODE(0, SIGKILL));
		else if (ut == NULL)
			notify_one(p, sig);
		else if (!(ut->blocked & signal_bit(sig)))
			signal_notify(ut);
	}
	spin_unlock(&p->lock);
	if (continued)
		proc_tell_parent(p, CLD_CONTINUED, SIGCONT);
	return error;
}

int
signal_send(struct proc *p, int sig, const struct signal_info *info)
{
	assert_held(&proc_tree_lock);
	if (p->state != PROC_ALIVE)
		return 0;
	return send(p, NULL, sig, info);
}

int
signal_send_thread(struct uthread *ut, int sig, const struct signal_info *info)
{
	assert_held(&proc_tree_lock);
	return send(ut->proc, ut, sig, info);
}

unsigned
signal_send_group(struct pid *group, int sig, const struct signal_info *info)
{
	struct list *l;
	unsigned n = 0;

	assert_held(&proc_tree_lock);
	list_for_each(l, &group->group) {
		signal_send(container_of(l, struct proc, group_link), sig, info);
		n++;
	}
	return n;
}

void
signal_send_self(int sig)
{
	struct uthread *ut = uthread_current();
	struct signal_info info = { .code = SI_USER, .pid = ut->proc->id };

	spin_lock(&proc_tree_lock);
	signal_send_thread(ut, sig, &info);
	spin_unlock(&proc_tree_lock);
}

void
signal_send_own_group(int sig)
{
	struct signal_info info = { .code = SI_KERNEL };

	spin_lock(&proc_tree_lock);
	signal_send_group(proc_current()->group, sig, &info);
	spin_unlock(&proc_tree_lock);
}

void
signal_fault(int sig, int code, uaddr_t address)
{
	struct uthread *ut = uthread_current();
	struct proc *p = ut->proc;
	struct signal_info info = { .code = code, .address = address, .forced = true };

	spin_lock(&p->lock);
	struct signal_action *action = &p->action[sig - 1];
	if (action->handler == SIGNAL_IGNORE || (ut->blocked & signal_bit(sig))) {
		action->handler = SIGNAL_DEFAULT;
		ut->blocked &= ~signal_bit(sig);
	}
	signal_queue_remove(&ut->pending, signal_bit(sig));
	queue_add(&ut->pending, sig, &info, &ut->fault);
	signal_notify(ut);
	spin_unlock(&p->lock);
}

// ---- kill(2) -----------------------------------------------------------------

struct kill_all {
	int sig;
	struct signal_info info;
	struct proc *self;
	unsigned sent;
};

static void
kill_one(void *arg, struct proc *p)
{
	struct kill_all *k = arg;

	if (p->id == 1 || p == k->self)
		return;
	k->sent++;
	if (k->sig != 0)
		signal_send(p, k->sig, &k->info);
}

static int
kill_group(struct pid *group, int sig, const struct signal_info *info)
{
	if (group == NULL || list_empty(&group->group))
		return -ESRCH;
	if (sig != 0)
		signal_send_group(group, sig, info);
	return 0;
}

int
signal_kill(int target, int sig)
{
	struct proc *self = proc_current();
	struct signal_info info = { .code = SI_USER, .pid = self->id };
	int error = 0;

	if (sig < 0 || sig > SIGNAL_COUNT)
		return -EINVAL;
	if (target == -1) {
		struct kill_all all = { .sig = sig, .info = info, .self = self };
		proc_for_each(kill_one, &all);
		return all.sent > 0 ? 0 : -ESRCH;
	}
	if (target == INT32_MIN)
		return -ESRCH;
	spin_lock(&proc_tree_lock);
	if (target > 0) {
		struct proc *p = proc_find_locked(target);
		if (p == NULL)
			error = -ESRCH;
		else if (sig != 0)
			error = signal_send(p, sig, &info);
	} else {
		error = kill_group(target == 0 ? self->group : pid_find(-target), sig, &info);
	}
	spin_unlock(&proc_tree_lock);
	return error;
}

int
signal_kill_thread(int process, int thread, int sig)
{
	struct signal_info info = { .code = SI_TKILL, .pid = proc_current()->id };
	int error = -ESRCH;

	if (thread <= 0 || process == 0 || process < -1 || sig < 0 || sig > SIGNAL_COUNT)
		return -EINVAL;
	spin_lock(&proc_tree_lock);
	struct pid *pid = pid_find(thread);
	struct uthread *ut = pid != NULL ? pid->thread : NULL;
	if (ut != NULL && (process == -1 || process == ut->proc->id))
		error = sig == 0 ? 0 : signal_send_thread(ut, sig, &info);
	spin_unlock(&proc_tree_lock);
	return error;
}

// ---- Dispositions and masks --------------------------------------------------

int
signal_set_action(int sig, const struct signal_action *new, struct signal_action *old)
{
	struct proc *p = proc_current();

	if (sig < 1 || sig > SIGNAL_COUNT)
		return -EINVAL;
	if (new != NULL && (signal_bit(sig) & UNBLOCKABLE))
		return -EINVAL;
	spin_lock(&p->lock);
	*old = p->action[sig - 1];
	if (new != NULL) {
		p->action[sig - 1] = *new;
		p->action[sig - 1].mask &= ~UNBLOCKABLE;
		if (signal_is_ignored(p, sig))
			remove_everywhere(p, signal_bit(sig));
	}
	spin_unlock(&p->lock);
	return 0;
}

void
signal_reset_handlers(struct proc *p)
{
	spin_lock(&p->lock);
	for (unsigned i = 0; i < SIGNAL_COUNT; i++) {
		struct signal_action *a = &p->action[i];
		uaddr_t handler = a->handler == SIGNAL_IGNORE ? SIGNAL_IGNORE : SIGNAL_DEFAULT;
		*a = (struct signal_action){ .handler = handler };
	}
	spin_unlock(&p->lock);
}

void
signal_set_blocked(sigset_t set)
{
	struct uthread *ut = uthread_current();
	struct proc *p = ut->proc;

	set &= ~UNBLOCKABLE;
	spin_lock(&p->lock);
	sigset_t more = set & ~ut->blocked;
	ut->blocked = set;
	if (p->pending.set & more)
		signal_retarget(p);
	if (signal_waiting())
		signal_notify(ut);
	spin_unlock(&p->lock);
}

sigset_t
signal_pending_blocked(void)
{
	struct uthread *ut = uthread_current();

	spin_lock(&ut->proc->lock);
	sigset_t set = (ut->pending.set | ut->proc->pending.set) & ut->blocked;
	spin_unlock(&ut->proc->lock);
	return set;
}

bool
signal_waiting(void)
{
	struct uthread *ut = uthread_current();

	return ((ut->pending.set | ut->proc->pending.set) & ~ut->blocked) != 0 ||
	       ut->proc->stopping || signal_must_end(ut);
}
