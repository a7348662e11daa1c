// SPDX-License-Identifier: MIT
/*
 * Spinlocks: everything about a lock but its algorithm.
 *
 * Each hart keeps a list of the spinlocks it holds (lock_impl.h).  Locks are
 * taken in rising rank, so the last entry of the list has the highest rank and
 * one comparison checks the order.  Two things disturb that:
 *
 *   1. A release out of order leaves a gap; gaps at the end are taken off at
 *      once, and a node stays where it is while its lock is held.
 *   2. A try may take a lower rank than is held, since it never waits.  So an
 *      entry carries the highest rank of itself and those below, which is
 *      computed anew when something below it goes.
 *
 * A lock that the hart holds already is found by the same comparison: its rank
 * is not above that of itself.
 *
 * The list belongs to the hart and the holder to the thread.  A switch of
 * threads with a lock held keeps the one and changes the other.
 */
#include "lock/spinlock.h"

#include "arch/time.h"
#include "lib/backtrace.h"
#include "lib/panic.h"
#include "lock/lock_impl.h"

// Locks are taken before anything could set this up.
#define EMPTY_LIST(hart) [hart] = { .top = spin_harts[hart].held, .held = { { .lock = &none } } }

static struct spinlock none;

struct spin_hart spin_harts[HART_MAX] = {
	EMPTY_LIST(0), EMPTY_LIST(1), EMPTY_LIST(2), EMPTY_LIST(3),
	EMPTY_LIST(4), EMPTY_LIST(5), EMPTY_LIST(6), EMPTY_LIST(7),
};
_Static_assert(HART_MAX == 8, "a list for each hart");

#define RETURN_ADDRESS ((uint64_t)__builtin_return_address(0))

_Noreturn static __attribute__((noinline, cold)) void
out_of_order(const struct spin_hart *h, const struct spinlock *l, uint64_t site)
{
	char here[96], there[96];
	const struct spinlock *other = NULL;

	for (const struct spin_held *e = h->top; e > h->held; e--) {
		const struct spinlock *held = e->lock;
		if (held != NULL && held->class->rank >= l->class->rank &&
		    (other == NULL || held == l))
			other = held;
	}
	backtrace_format(here, sizeof(here), site);
	if (other == NULL)
		panic("spinlock %s: more than %d held at once\n  at %s", l->class->name,
		      SPIN_HELD_MAX, here);
	backtrace_format(there, sizeof(there), other->site);
	if (other == l)
		panic("spinlock %s (%p) taken again by its holder\n"
		      "  now at %s\n  first at %s",
		      l->class->name, (const void *)l, here, there);
	panic("lock order: spinlock %s (%p, rank %d) wanted while %s (%p, rank %d) is held "
	      "(lock/order.h)\n  wanted at %s\n  held since %s",
	      l->class->name, (const void *)l, (int)l->class->rank, other->class->name,
	      (const void *)other, (int)other->class->rank, here, there);
}

_Noreturn static __attribute__((noinline, cold)) void
not_the_holder(const struct spinlock *l, uint64_t site)
{
	char here[96], there[96];
	const struct arch_thread *holder = l->holder;

	backtrace_format(here, sizeof(here), site);
	if (holder == NULL)
		panic("spinlock %s (%p) given back while free\n  at %s", l->class->name,
		      (const void *)l, here);
	backtrace_format(there, sizeof(there), l->site);
	panic("spinlock %s (%p) given back by another than its holder, thread %d (%s)\n"
	      "  at %s\n  taken at %s",
	      l->class->name, (const void *)l, holder->id, holder->name, here, there);
}

// Make e the list's end, for l.
static inline void
push(struct spin_hart *h, struct spin_held *e, struct spinlock *l, uint32_t rank)
{
	e->lock = l;
	e->rank = rank;
	h->top = e;
}

// This hart has taken l, as e.
static inline void
note_taken(struct spin_hart *h, struct spinlock *l, struct spin_held *e, uint64_t site)
{
	struct lock_class *class = l->class;

	l->entry = e;
	l->site = site;
	l->holder = arch_current();
	if (__builtin_expect(__atomic_fetch_add(&class->acquired, 1, __ATOMIC_RELAXED) == 0, 0))
		lock_class_register(class);
	if (__builtin_expect(h->times, 0))
		l->since_ns = time_ns();
}

// Take l.  nested is 1 if an equal rank is in order here, else 0.
static inline void
take(struct spinlock *l, uint64_t site, uint32_t nested)
{
	intr_push();

	struct spin_hart *h = spin_this_hart();
	struct spin_held *e = h->top + 1;
	uint32_t rank = l->class->rank;
	if (__builtin_expect(h->top->rank >= rank + nested, 0) ||
	    __builtin_expect(e > &h->held[SPIN_HELD_MAX], 0))
		out_of_order(h, l, site);
	// Listed before it is had: the report of a long wait takes locks too,
	// and must not use the node that waits.
	push(h, e, l, rank);
	h->wait.lock = l;
	h->wait.site = site;
	raw_lock(&l->raw, &e->node, &h->wait);
	if (__builtin_expect(h->wait.turns != 0, 0))
		spin_wait_end(&h->wait, l->class);
	note_taken(h, l, e, h->wait.site);
}

void
spin_init(struct spinlock *l, struct lock_class *class)
{
	*l = (struct spinlock)SPINLOCK_INIT(class);
	raw_init(&l->raw);
}

void
spin_lock(struct spinlock *l)
{
	take(l, RETURN_ADDRESS, 0);
}

void
spin_lock_nested(struct spinlock *l)
{
	// An equal rank is in order, the lock itself isn't.
	if (spin_held(l))
		take(l, RETURN_ADDRESS, 0);
	else
		take(l, RETURN_ADDRESS, 1);
}

bool
spin_trylock(struct spinlock *l)
{
	intr_push();

	struct spin_hart *h = spin_this_hart();
	struct spin_held *e = h->top + 1;
	if (e > &h->held[SPIN_HELD_MAX])
		out_of_order(h, l, RETURN_ADDRESS);
	if (!raw_trylock(&l->raw, &e->node)) {
		intr_pop();
		return false;
	}
	uint32_t rank = l->class->rank, below = h->top->rank;
	push(h, e, l, rank > below ? rank : below);
	note_taken(h, l, e, RETURN_ADDRESS);
	return true;
}

// A lock below others was given back: compute the ranks above it anew.
static __attribute__((noinline)) void
close_gap(struct spin_hart *h, struct spin_held *gap)
{
	gap->rank = gap[-1].rank;
	for (struct spin_held *e = gap + 1; e <= h->top; e++) {
		e->rank = e[-1].rank;
		if (e->lock != NULL && e->lock->class->rank > e->rank)
			e->rank = e->lock->class->rank;
	}
}

void
spin_unlock(struct spinlock *l)
{
	if (__builtin_expect(l->holder != arch_current(), 0))
		not_the_holder(l, RETURN_ADDRESS);

	struct spin_hart *h = spin_this_hart();
	struct spin_held *e = l->entry;
	if (__builtin_expect(h->times, 0) && l->since_ns != 0)
		lock_class_raise(&l->class->max_hold_ns, time_ns() - l->since_ns);
	l->holder = NULL;
	e->lock = NULL;
	raw_unlock(&l->raw, &e->node);
	if (e == h->top) {
		do
			e--;
		while (e->lock == NULL);
		h->top = e;
	} else if (e[1].rank > e->rank) {
		e->rank = e[-1].rank; // the ranks above are their own
	} else {
		close_gap(h, e);
	}
	intr_pop();
}

bool
spin_held(const struct spinlock *l)
{
	return __atomic_load_n(&l->holder, __ATOMIC_RELAXED) == arch_current();
}

unsigned
spin_held_count(void)
{
	unsigned n = 0;

	// With interrupts on, this thread holds none.
	if (intr_enabled())
		return 0;
	const struct spin_hart *h = spin_this_hart();
	for (const struct spin_held *e = h->top; e > h->held; e--)
		n += e->lock != NULL;
	return n;
}

// Why the current thread must not sleep.  Interrupts are off.
static __attribute__((noinline, cold)) void
check_may_sleep(const char *what)
{
	const struct spin_hart *h = spin_this_hart();

	if (h->top != h->held) {
		char site[96];
		const struct spinlock *l = h->top->lock;
		backtrace_format(site, sizeof(site), l->site);
		panic("%s may sleep, and spinlock %s (%p) is held, taken at %s", what,
		      l->class->name, (const void *)l, site);
	}
	if (arch_current()->intr_depth != 0)
		panic("%s may sleep, and interrupts are pushed off", what);
	// While the boot hart boots there is nobody to wait for, so nothing
	// sleeps, and interrupts may still be off.
	if (this_hart()->idle != NULL)
		panic("%s may sleep, and this is an interrupt, or interrupts are off", what);
}

void
assert_may_sleep(const char *what)
{
	// Interrupts on: no spinlock is held and no interrupt is being served.
	if (__builtin_expect(!intr_enabled(), 0))
		check_may_sleep(what);
}

void
spin_pass_to(struct spinlock *l, struct arch_thread *next)
{
	l->holder = next;
}
