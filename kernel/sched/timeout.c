// SPDX-License-Identifier: MIT
/*
 * The timing wheel: a hierarchical one (Varghese and Lauck, 1997, scheme 7).
 *
 * Time is counted in granules.  A timeout's tick is the first granule that is
 * not before its time.  Written in base 64, a tick is a row of digits, and level
 * l has a slot for each value of digit l, as hands of a clock have:
 *
 *   1. A timeout is in the level of the highest digit in which its tick differs
 *      from now, in the slot of that digit.  So it is reached when now's digit
 *      becomes that one, with all lower digits 0: in level 0 it is due then,
 *      in a higher one it is placed anew, at least one level lower.
 *   2. So on each level only slots above now's digit are in use, and the first
 *      slot in use of the lowest such level is the next that will be reached.
 *      Empty slots are never visited.
 *   3. Ticks that differ from now above the last digit are in the last level
 *      too.  There slots up to now's digit may be in use, and are reached after
 *      the digit has wrapped.  Such a timeout is placed anew as often as needed.
 *   4. A timeout whose time has come, already when it is added or later, is in
 *      the list due.
 *
 * A timeout changes its level at most four times (but for those days ahead), so
 * its cost doesn't depend on how many others there are.
 */
#include "sched/timeout.h"

#include "lib/math.h"

#define LAST_LEVEL (WHEEL_LEVELS - 1)
#define SLOT_MASK  (WHEEL_SLOTS - 1)
#define SLOT_DUE   UINT32_MAX // timeout.slot of one in the list due

#define NO_TICK UINT64_MAX

static unsigned
digit(uint64_t tick, unsigned level)
{
	return tick >> (level * WHEEL_BITS) & SLOT_MASK;
}

// tick without its digits below level.
static uint64_t
without_digits(uint64_t tick, unsigned level)
{
	return tick >> (level * WHEEL_BITS) << (level * WHEEL_BITS);
}

static uint64_t
tick_of(uint64_t when)
{
	return when / WHEEL_GRANULE_NS + (when % WHEEL_GRANULE_NS != 0);
}

void
wheel_init(struct wheel *w, uint64_t now_ns)
{
	w->now = now_ns / WHEEL_GRANULE_NS;
	w->pending = 0;
	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		w->used[level] = 0;
		for (unsigned i = 0; i < WHEEL_SLOTS; i++)
			list_init(&w->slot[level][i]);
	}
	list_init(&w->due);
}

// Put t, which is in no list, where its time belongs.
static void
place(struct wheel *w, struct timeout *t)
{
	uint64_t tick = tick_of(t->when);
	unsigned level = 0;

	if (tick <= w->now) {
		t->slot = SLOT_DUE;
		list_push_back(&w->due, &t->link);
		return;
	}
	while (level < LAST_LEVEL && without_digits(tick ^ w->now, level + 1) != 0)
		level++;
	unsigned i = digit(tick, level);
	t->slot = level * WHEEL_SLOTS + i;
	w->used[level] |= UINT64_C(1) << i;
	list_push_back(&w->slot[level][i], &t->link);
}

void
wheel_add(struct wheel *w, struct timeout *t, uint64_t when)
{
	t->when = when;
	w->pending++;
	place(w, t);
}

int
wheel_remove(struct wheel *w, struct timeout *t)
{
	if (!timeout_pending(t))
		return 0;

	list_remove(&t->link);
	w->pending--;
	if (t->slot != SLOT_DUE) {
		unsigned level = t->slot / WHEEL_SLOTS, i = t->slot % WHEEL_SLOTS;
		if (list_empty(&w->slot[level][i]))
			w->used[level] &= ~(UINT64_C(1) << i);
	}
	return 1;
}

bool
timeout_pending(const struct timeout *t)
{
	return list_linked(&t->link);
}

// The tick at which the next slot in use is reached (rule 2), or NO_TICK.
static uint64_t
next_tick(const struct wheel *w)
{
	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		// Two shifts: by 64 at once is undefined.
		uint64_t ahead = w->used[level] >> digit(w->now, level) >> 1;
		if (ahead != 0) {
			uint64_t steps = lowest_bit(ahead) + 1;
			return without_digits(w->now, level) + (steps << (level * WHEEL_BITS));
		}
	}
	if (w->used[LAST_LEVEL] == 0)
		return NO_TICK;
	uint64_t i = lowest_bit(w->used[LAST_LEVEL]);
	return without_digits(w->now, WHEEL_LEVELS) +
	       ((WHEEL_SLOTS + i) << (LAST_LEVEL * WHEEL_BITS));
}

// now has just reached slot i of a level: place what is in it anew.
static void
empty_slot(struct wheel *w, unsigned level, unsigned i)
{
	struct list reached = LIST_INIT(reached);
	struct list *l;

	list_splice_back(&reached, &w->slot[level][i]);
	w->used[level] &= ~(UINT64_C(1) << i);
	while ((l = list_pop_front(&reached)) != NULL)
		place(w, container_of(l, struct timeout, link));
}

// Go on to the next slot in use, but not past tick target.
static void
step(struct wheel *w, uint64_t target)
{
	uint64_t next = next_tick(w);

	if (next > target) {
		w->now = target;
		return;
	}
	w->now = next;
	for (unsigned level = WHEEL_LEVELS; level-- > 0;)
		if (without_digits(next, level) == next)
			empty_slot(w, level, digit(next, level));
}

struct timeout *
wheel_advance(struct wheel *w, uint64_t now_ns)
{
	uint64_t target = now_ns / WHEEL_GRANULE_NS;

	while (list_empty(&w->due) && w->now < target)
		step(w, target);

	struct list *l = list_pop_front(&w->due);
	if (l == NULL)
		return NULL;
	w->pending--;
	return container_of(l, struct timeout, link);
}

uint64_t
wheel_next(const struct wheel *w)
{
	if (!list_empty(&w->due))
		return w->now * WHEEL_GRANULE_NS;

	uint64_t next = next_tick(w);
	return next > TIMEOUT_NEVER / WHEEL_GRANULE_NS ? TIMEOUT_NEVER : next * WHEEL_GRANULE_NS;
}
