// SPDX-License-Identifier: MIT
/*
 * The readers-writer lock, with hand-off.
 *
 *   1. Readers hold it together (readers > 0) or one writer alone (writer).
 *   2. A reader waits if a writer has the lock or waits for it.  So readers
 *      that keep coming can't keep a writer out.
 *   3. A writer that ends hands over to all readers that wait, and only if there
 *      are none to the next writer.  So writers can't keep a reader out either:
 *      it waits for one of them at most.
 *   4. The last reader hands over to the first writer.
 *   5. Who was woken has been counted as a holder by who woke it.
 *   6. Readers behind a writer that gives up waiting have nothing left to wait
 *      for, so that writer lets them in.
 */
#include "sync/rwlock.h"

#include "lib/panic.h"
#include "sched/thread.h"

static struct lock_class guard_class = LOCK_CLASS("rwlock", RANK_SLEEPLOCK);

void
rwlock_init(struct rwlock *l, const char *name)
{
	spin_init(&l->guard, &guard_class);
	l->readers = 0;
	l->writer = NULL;
	waitqueue_init(&l->read_queue, name);
	waitqueue_init(&l->write_queue, name);
	l->name = name;
}

static bool
may_read(const struct rwlock *l)
{
	return l->writer == NULL && waitqueue_empty(&l->write_queue);
}

static bool
may_write(const struct rwlock *l)
{
	return l->writer == NULL && l->readers == 0;
}

// Let in all readers that wait.
static void
admit_readers(struct rwlock *l)
{
	l->readers += wake_all(&l->read_queue);
}

static void
check_not_writer(const struct rwlock *l)
{
	if (l->writer == thread_current())
		panic("rwlock %s taken again by its writer, thread %d (%s)", l->name,
		      l->writer->arch.id, l->writer->arch.name);
}

static void
check_writer(const struct rwlock *l)
{
	if (l->writer != thread_current())
		panic("rwlock %s given back by thread %d (%s), which is not its writer", l->name,
		      thread_current()->arch.id, thread_current()->arch.name);
}

int
rwlock_acquire_read(struct rwlock *l, enum sleep_flags flags, uint64_t deadline)
{
	int error = 0;

	spin_lock(&l->guard);
	check_not_writer(l);
	if (may_read(l))
		l->readers++;
	else
		error = sleep_on(&l->read_queue, &l->guard, flags, deadline);
	spin_unlock(&l->guard);
	return error;
}

int
rwlock_acquire_write(struct rwlock *l, enum sleep_flags flags, uint64_t deadline)
{
	int error = 0;

	spin_lock(&l->guard);
	check_not_writer(l);
	if (may_write(l)) {
		l->writer = thread_current();
	} else {
		error = sleep_on(&l->write_queue, &l->guard, flags, deadline);
		if (error != 0 && may_read(l))
			admit_readers(l);
	}
	spin_unlock(&l->guard);
	return error;
}

bool
rwlock_try_read(struct rwlock *l)
{
	spin_lock(&l->guard);
	bool taken = may_read(l);
	if (taken)
		l->readers++;
	spin_unlock(&l->guard);
	return taken;
}

bool
rwlock_try_write(struct rwlock *l)
{
	spin_lock(&l->guard);
	bool taken = may_write(l);
	if (taken)
		l->writer = thread_current();
	spin_unlock(&l->guard);
	return taken;
}

void
rwlock_release_read(struct rwlock *l)
{
	spin_lock(&l->guard);
	if (l->readers == 0)
		panic("rwlock %s given back by a reader, and it has none", l->name);
	l->readers--;
	if (l->readers == 0) {
		l->writer = wake_first(&l->write_queue);
		if (l->writer == NULL)
			admit_readers(l); // all writers that waited have given up
	}
	spin_unlock(&l->guard);
}

void
rwlock_release_write(struct rwlock *l)
{
	spin_lock(&l->guard);
	check_writer(l);
	l->writer = NULL;
	admit_readers(l);
	if (l->readers == 0)
		l->writer = wake_first(&l->write_queue);
	spin_unlock(&l->guard);
}

void
rwlock_downgrade(struct rwlock *l)
{
	spin_lock(&l->guard);
	check_writer(l);
	l->writer = NULL;
	l->readers = 1;
	admit_readers(l);
	spin_unlock(&l->guard);
}
