// SPDX-License-Identifier: MIT
/*
 * Mutexes: everything about a sleeping lock but its algorithm.
 */
#include "sync/mutex.h"

#include "arch/time.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "sync/ranked.h"
#include "sync/sync_impl.h"

#define RETURN_ADDRESS ((uint64_t)__builtin_return_address(0))

static enum ranked_bound
bound_of(enum sleep_flags flags, uint64_t deadline)
{
	return (flags & SLEEP_INTERRUPTIBLE) || deadline != DEADLINE_NONE ? RANKED_UNBOUNDED
									  : RANKED_BOUNDED;
}

static void
note_hold_time(struct lock_class *class, uint64_t since_ns)
{
	if (lock_times)
		lock_class_raise(&class->max_hold_ns, time_ns() - since_ns);
}

// ---- Mutex -------------------------------------------------------------------

void
mutex_init(struct mutex *m, struct lock_class *class)
{
	sleeplock_init(&m->lock, class->name);
	m->class = class;
	m->site = 0;
	m->since_ns = 0;
}

static void
note_taken(struct mutex *m, uint64_t site)
{
	m->site = site;
	__atomic_store_n(&m->since_ns, time_ns(), __ATOMIC_RELAXED);
	ranked_count(m->class);
}

static int
wait(struct mutex *m, uint64_t site, enum sleep_flags flags, uint64_t deadline)
{
	struct ranked_wait w;

	ranked_wait_begin(&w, m, m->class, site, &m->since_ns, bound_of(flags, deadline));
	int error = sleeplock_acquire(&m->lock, flags, deadline);
	ranked_wait_end(&w);
	return error;
}

static int
lock(struct mutex *m, uint64_t site, enum rank_nesting nesting, enum sleep_flags flags,
     uint64_t deadline)
{
	assert_may_sleep(m->class->name);
	sched_point();
	ranked_acquire(m, m->class, site, nesting);
	if (!sleeplock_try(&m->lock)) {
		int error = wait(m, site, flags, deadline);
		if (error != 0) {
			ranked_release(m, m->class);
			return error;
		}
	}
	note_taken(m, site);
	return 0;
}

void
mutex_lock(struct mutex *m)
{
	lock(m, RETURN_ADDRESS, RANK_STRICT, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
}

void
mutex_lock_at(struct mutex *m, uint64_t site)
{
	lock(m, site, RANK_STRICT, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
}

void
mutex_lock_nested(struct mutex *m)
{
	lock(m, RETURN_ADDRESS, RANK_NESTED_EQUAL, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
}

int
mutex_lock_interruptible(struct mutex *m)
{
	return lock(m, RETURN_ADDRESS, RANK_STRICT, SLEEP_INTERRUPTIBLE, DEADLINE_NONE);
}

int
mutex_lock_deadline(struct mutex *m, uint64_t deadline)
{
	return lock(m, RETURN_ADDRESS, RANK_STRICT, SLEEP_UNINTERRUPTIBLE, deadline);
}

bool
mutex_trylock(struct mutex *m)
{
	if (!sleeplock_try(&m->lock))
		return false;
	ranked_acquire(m, m->class, RETURN_ADDRESS, RANK_NO_WAIT);
	note_taken(m, RETURN_ADDRESS);
	return true;
}

void
mutex_unlock(struct mutex *m)
{
	ranked_release(m, m->class);
	note_hold_time(m->class, m->since_ns);
	sleeplock_release(&m->lock);
	sched_point();
}

bool
mutex_held(struct mutex *m)
{
	return sleeplock_owned(&m->lock);
}

// ---- Readers and writers -----------------------------------------------------

void
rwmutex_init(struct rwmutex *m, struct lock_class *class)
{
	rwlock_init(&m->lock, class->name);
	m->class = class;
	m->site = 0;
	m->since_ns = 0;
}

static void
begin(struct rwmutex *m, uint64_t site)
{
	assert_may_sleep(m->class->name);
	sched_point();
	ranked_acquire(m, m->class, site, RANK_STRICT);
}

void
rwmutex_lock_read(struct rwmutex *m)
{
	struct ranked_wait w;

	begin(m, RETURN_ADDRESS);
	if (!rwlock_try_read(&m->lock)) {
		ranked_wait_begin(&w, m, m->class, RETURN_ADDRESS, &m->since_ns, RANKED_BOUNDED);
		rwlock_acquire_read(&m->lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
		ranked_wait_end(&w);
	}
	ranked_count(m->class);
}

void
rwmutex_lock_write(struct rwmutex *m)
{
	struct ranked_wait w;

	begin(m, RETURN_ADDRESS);
	if (!rwlock_try_write(&m->lock)) {
		ranked_wait_begin(&w, m, m->class, RETURN_ADDRESS, &m->since_ns, RANKED_BOUNDED);
		rwlock_acquire_write(&m->lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
		ranked_wait_end(&w);
	}
	m->site = RETURN_ADDRESS;
	__atomic_store_n(&m->since_ns, time_ns(), __ATOMIC_RELAXED);
	ranked_count(m->class);
}

void
rwmutex_unlock_read(struct rwmutex *m)
{
	ranked_release(m, m->class);
	rwlock_release_read(&m->lock);
	sched_point();
}

void
rwmutex_unlock_write(struct rwmutex *m)
{
	ranked_release(m, m->class);
	note_hold_time(m->class, m->since_ns);
	rwlock_release_write(&m->lock);
	sched_point();
}

void
rwmutex_downgrade(struct rwmutex *m)
{
	note_hold_time(m->class, m->since_ns);
	rwlock_downgrade(&m->lock);
}
