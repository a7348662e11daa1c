// SPDX-License-Identifier: MIT
/*
 * The three-level lock.
 *
 * There are two lines.  READ and WRITE wait in one, in the order in which they
 * came; READ_SERIALISED waits in the other.  Whenever something is given back,
 * grant() goes through four rules, and who it lets in holds the lock before it
 * runs (hand-off):
 *
 *   1. An owner that upgrades comes before all others, once the readers have
 *      gone; until then nobody is let in.
 *   2. If there is no owner, the first of the serial line becomes it: unless a
 *      WRITE is the next in the other line, and the last owner wasn't a WRITE.
 *      So the two take turns, and neither keeps the other out.
 *   3. READs at the front of the line go in together, unless a WRITE has the
 *      lock.
 *   4. A WRITE at the front goes in when there is nobody.
 *
 * Who comes new is let in at once if nobody is ahead in its line and rules 1, 3
 * and 4 allow it, a READ_SERIALISED if there is no owner.  A WRITE that waits
 * for readers may so be overtaken by a READ_SERIALISED; it waits for one of
 * them at most, since after that rule 2 holds the others back.
 *
 * Each waiter sleeps in a wait queue of its own, so that one can be chosen.
 */
#include "sync/tlock.h"

#include "lib/panic.h"
#include "sched/thread.h"

static struct lock_class guard_class = LOCK_CLASS("tlock", RANK_SLEEPLOCK);

/*
 *   I  fixed
 *   g  the lock's guard
 */
struct waiter {
	struct list link;       // [g]
	struct thread *thread;  // [I]
	enum tlock_mode mode;   // [I]
	bool granted;           // [g]
	struct waitqueue queue; // [g] it alone
};

void
tlock_init(struct tlock *l, const char *name)
{
	spin_init(&l->guard, &guard_class);
	l->readers = 0;
	l->owner = NULL;
	l->held = TLOCK_NONE;
	l->upgrading = false;
	list_init(&l->queue);
	list_init(&l->serial_queue);
	waitqueue_init(&l->upgrade, name);
	l->name = name;
}

static struct waiter *
first(const struct list *line)
{
	return list_empty(line) ? NULL : container_of(line->next, struct waiter, link);
}

// ---- Letting in --------------------------------------------------------------

static bool
may_enter(const struct tlock *l, enum tlock_mode mode)
{
	if (l->upgrading)
		return false;
	switch (mode) {
	case TLOCK_READ:
		return l->held != TLOCK_WRITE;
	case TLOCK_READ_SERIALISED:
		return l->owner == NULL;
	case TLOCK_WRITE:
		return l->owner == NULL && l->readers == 0;
	default:
		panic("tlock %s: no such mode, %d", l->name, (int)mode);
	}
}

static void
enter(struct tlock *l, struct thread *t, enum tlock_mode mode)
{
	if (mode == TLOCK_READ) {
		l->readers++;
	} else {
		l->owner = t;
		l->held = mode;
	}
}

static void
admit(struct tlock *l, struct waiter *w)
{
	list_remove(&w->link);
	enter(l, w->thread, w->mode);
	w->granted = true;
	wake_one(&w->queue);
}

static void
grant(struct tlock *l, enum tlock_mode ended)
{
	if (l->upgrading) {
		if (l->readers > 0)
			return;
		l->upgrading = false;
		l->held = TLOCK_WRITE;
		wake_one(&l->upgrade);
		return;
	}

	struct waiter *serial = first(&l->serial_queue), *w = first(&l->queue);
	if (serial != NULL && may_enter(l, TLOCK_READ_SERIALISED) &&
	    (w == NULL || w->mode != TLOCK_WRITE || ended == TLOCK_WRITE))
		admit(l, serial);
	for (; w != NULL && may_enter(l, w->mode); w = first(&l->queue))
		admit(l, w);
}

// ---- The lock ----------------------------------------------------------------

// Whether the current thread, coming new, may enter at once.
static bool
enter_at_once(struct tlock *l, enum tlock_mode mode)
{
	struct list *line = mode == TLOCK_READ_SERIALISED ? &l->serial_queue : &l->queue;

	if (!list_empty(line) || !may_enter(l, mode))
		return false;
	enter(l, thread_current(), mode);
	return true;
}

static void
wait(struct tlock *l, enum tlock_mode mode)
{
	struct waiter w = { .thread = thread_current(), .mode = mode };

	waitqueue_init(&w.queue, l->name);
	list_push_back(mode == TLOCK_READ_SERIALISED ? &l->serial_queue : &l->queue, &w.link);
	while (!w.granted)
		sleep_on(&w.queue, &l->guard, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
}

void
tlock_acquire(struct tlock *l, enum tlock_mode mode)
{
	spin_lock(&l->guard);
	if (l->owner == thread_current())
		panic("tlock %s taken again by its owner, thread %d (%s)", l->name,
		      l->owner->arch.id, l->owner->arch.name);
	if (!enter_at_once(l, mode))
		wait(l, mode);
	spin_unlock(&l->guard);
}

bool
tlock_try(struct tlock *l, enum tlock_mode mode)
{
	spin_lock(&l->guard);
	bool entered = enter_at_once(l, mode);
	spin_unlock(&l->guard);
	return entered;
}

static void
check_owner(const struct tlock *l, enum tlock_mode mode)
{
	const struct thread *self = thread_current();

	if (l->owner != self || l->held != mode)
		panic("tlock %s: thread %d (%s) does not hold it in mode %d", l->name,
		      self->arch.id, self->arch.name, (int)mode);
}

static void
leave(struct tlock *l, enum tlock_mode mode)
{
	if (mode == TLOCK_READ) {
		if (l->readers == 0)
			panic("tlock %s given back by a reader, and it has none", l->name);
		l->readers--;
	} else {
		check_owner(l, mode);
		l->owner = NULL;
		l->held = TLOCK_NONE;
	}
}

void
tlock_release(struct tlock *l, enum tlock_mode mode)
{
	spin_lock(&l->guard);
	leave(l, mode);
	grant(l, mode);
	spin_unlock(&l->guard);
}

void
tlock_upgrade(struct tlock *l)
{
	spin_lock(&l->guard);
	check_owner(l, TLOCK_READ_SERIALISED);
	l->upgrading = true;
	grant(l, TLOCK_NONE);
	while (l->held != TLOCK_WRITE)
		sleep_on(&l->upgrade, &l->guard, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
	spin_unlock(&l->guard);
}

void
tlock_downgrade(struct tlock *l, enum tlock_mode to)
{
	spin_lock(&l->guard);
	enum tlock_mode from = l->held;
	if (to == TLOCK_NONE || to >= from)
		panic("tlock %s: no downgrade from mode %d to %d", l->name, (int)from, (int)to);
	leave(l, from);
	enter(l, thread_current(), to);
	grant(l, from);
	spin_unlock(&l->guard);
}
