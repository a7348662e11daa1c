// SPDX-License-Identifier: MIT
// The order of locks that sleep (lock/rank.h).
// kernel: lock/rank.c
#include "lock/rank.h"

#include <stdio.h>

#include "check.h"
#include "lib/backtrace.h"

void
backtrace_format(char *to, size_t size, uint64_t pc)
{
	snprintf(to, size, "site %lu", (unsigned long)pc);
}

static struct lock_class file = LOCK_CLASS("file", RANK_FILE);
static struct lock_class vnode = LOCK_CLASS("vnode", RANK_VNODE);
static struct lock_class buffer = LOCK_CLASS("buffer", RANK_BUFFER);
static int a, b, c;
static struct held_locks held;

TEST(rising_ranks_are_in_order)
{
	rank_acquire(&held, &a, &file, 1, RANK_STRICT);
	rank_acquire(&held, &b, &vnode, 2, RANK_STRICT);
	rank_acquire(&held, &c, &buffer, 3, RANK_STRICT);
	CHECK(rank_holds(&held, &b));
	rank_release(&held, &b, &vnode);
	CHECK(!rank_holds(&held, &b));
	CHECK(rank_holds(&held, &a) && rank_holds(&held, &c));
	rank_release(&held, &c, &buffer);
	rank_acquire(&held, &b, &vnode, 4, RANK_STRICT);
	rank_release(&held, &a, &file);
	rank_release(&held, &b, &vnode);
	CHECK_EQ(held.count, 0);
	rank_assert_none(&held, "here");
}

TEST(a_lower_rank_names_both_places)
{
	rank_acquire(&held, &a, &vnode, 11, RANK_STRICT);
	rank_acquire(&held, &b, &buffer, 22, RANK_STRICT);
	CHECK_PANIC("wanted at site 33\n  held since site 11",
		    rank_acquire(&held, &c, &file, 33, RANK_STRICT));
}

TEST(an_equal_rank_only_where_said)
{
	rank_acquire(&held, &a, &vnode, 1, RANK_STRICT);
	rank_acquire(&held, &b, &vnode, 2, RANK_NESTED_EQUAL);
	CHECK_PANIC("vnode", rank_acquire(&held, &c, &vnode, 3, RANK_STRICT));
}

TEST(nested_does_not_allow_lower)
{
	rank_acquire(&held, &a, &buffer, 1, RANK_STRICT);
	CHECK_PANIC("buffer", rank_acquire(&held, &b, &vnode, 2, RANK_NESTED_EQUAL));
}

TEST(a_try_may_go_down)
{
	rank_acquire(&held, &a, &buffer, 1, RANK_STRICT);
	rank_acquire(&held, &b, &vnode, 2, RANK_NO_WAIT);
	CHECK_PANIC("buffer", rank_acquire(&held, &c, &buffer, 3, RANK_STRICT));
}

TEST(taken_again_is_a_panic_however)
{
	rank_acquire(&held, &a, &vnode, 1, RANK_STRICT);
	CHECK_PANIC("taken again", rank_acquire(&held, &a, &vnode, 2, RANK_NESTED_EQUAL));
}

TEST(too_many_is_a_panic)
{
	char lock[HELD_MAX + 1];

	for (unsigned i = 0; i < HELD_MAX; i++)
		rank_acquire(&held, &lock[i], &vnode, i, RANK_NESTED_EQUAL);
	CHECK_PANIC("more than",
		    rank_acquire(&held, &lock[HELD_MAX], &vnode, 99, RANK_NESTED_EQUAL));
}

TEST(not_held_is_a_panic)
{
	rank_acquire(&held, &a, &vnode, 1, RANK_STRICT);
	CHECK_PANIC("does not hold", rank_release(&held, &b, &vnode));
}

TEST(leaving_with_one_held_is_a_panic)
{
	rank_acquire(&held, &a, &vnode, 5, RANK_STRICT);
	CHECK_PANIC("site 5", rank_assert_none(&held, "the end"));
}
