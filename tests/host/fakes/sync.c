// SPDX-License-Identifier: MIT
/*
 * Locks that sleep, for one thread: nobody to wait for, so a lock that would
 * have to be waited for is a mistake.
 */
#include "sync/mutex.h"

#include "fakes/fake.h"
#include "sched/thread.h"
#include "sync/ranked.h"

#define HELD_LIMIT 16

static struct {
	const void *lock;
	const struct lock_class *class;
} held[HELD_LIMIT];
static unsigned held_count;

void
ranked_acquire(const void *lock, struct lock_class *class, uint64_t site, enum rank_nesting nesting)
{
	(void)site;
	assert_may_sleep(class->name);
	for (unsigned i = 0; i < held_count; i++) {
		const struct lock_class *other = held[i].class;
		if (held[i].lock == lock)
			check_fail("lock", 0, "%s is taken twice", class->name);
		if (other->rank > class->rank ||
		    (other->rank == class->rank && nesting == RANK_STRICT))
			check_fail("lock", 0, "%s is taken while %s is held", class->name,
				   other->name);
	}
	CHECK(held_count < HELD_LIMIT);
	held[held_count].lock = lock;
	held[held_count++].class = class;
}

void
ranked_release(const void *lock, struct lock_class *class)
{
	unsigned i = 0;

	while (i < held_count && held[i].lock != lock)
		i++;
	if (i == held_count)
		check_fail("lock", 0, "%s is given back but not held", class->name);
	held[i] = held[--held_count];
}

bool
ranked_holds(const void *lock)
{
	for (unsigned i = 0; i < held_count; i++)
		if (held[i].lock == lock)
			return true;
	return false;
}

void
ranked_assert_none(const char *where)
{
	if (held_count > 0)
		check_fail("lock", 0, "%s with %s held", where, held[0].class->name);
}

void
mutex_init(struct mutex *m, struct lock_class *class)
{
	*m = (struct mutex){ .class = class };
}

void
mutex_lock(struct mutex *m)
{
	ranked_acquire(m, m->class, 0, RANK_STRICT);
}

void
mutex_lock_nested(struct mutex *m)
{
	ranked_acquire(m, m->class, 0, RANK_NESTED_EQUAL);
}

int
mutex_lock_interruptible(struct mutex *m)
{
	mutex_lock(m);
	return 0;
}

int
mutex_lock_deadline(struct mutex *m, uint64_t deadline)
{
	(void)deadline;
	mutex_lock(m);
	return 0;
}

bool
mutex_trylock(struct mutex *m)
{
	if (ranked_holds(m))
		return false;
	ranked_acquire(m, m->class, 0, RANK_NESTED_EQUAL);
	return true;
}

void
mutex_unlock(struct mutex *m)
{
	ranked_release(m, m->class);
}

bool
mutex_held(struct mutex *m)
{
	return ranked_holds(m);
}

void
rwmutex_init(struct rwmutex *m, struct lock_class *class)
{
	*m = (struct rwmutex){ .class = class };
}

void
rwmutex_lock_read(struct rwmutex *m)
{
	ranked_acquire(m, m->class, 0, RANK_STRICT);
	m->lock.readers++;
}

void
rwmutex_lock_write(struct rwmutex *m)
{
	ranked_acquire(m, m->class, 0, RANK_STRICT);
	m->lock.writer = thread_current();
}

void
rwmutex_unlock_read(struct rwmutex *m)
{
	if (m->lock.readers-- == 0)
		check_fail("lock", 0, "%s is not held for reading", m->class->name);
	ranked_release(m, m->class);
}

void
rwmutex_unlock_write(struct rwmutex *m)
{
	if (m->lock.writer == NULL)
		check_fail("lock", 0, "%s is not held for writing", m->class->name);
	m->lock.writer = NULL;
	ranked_release(m, m->class);
}

void
rwmutex_downgrade(struct rwmutex *m)
{
	if (m->lock.writer == NULL)
		check_fail("lock", 0, "%s is not held for writing", m->class->name);
	m->lock.writer = NULL;
	m->lock.readers++;
}

unsigned
fake_mutexes_held(void)
{
	return held_count;
}
