// SPDX-License-Identifier: MIT
// The spinlock's checks (lock/spinlock.h): what is a mistake, and what isn't.
// kernel: lock/spinlock.c lock/rawlock.c lock/lockclass.c
// fakes: time.c
#include "lock/spinlock.h"

#include <stdio.h>

#include "check.h"
#include "fakes/fake.h"
#include "lib/backtrace.h"
#include "lock/lock_impl.h"

void
spin_pause(struct spin_wait *wait)
{
	(void)wait;
	check_fail("spin_pause", 0, "waits for a lock that nobody will give back");
}

void
spin_wait_end(struct spin_wait *wait, struct lock_class *class)
{
	(void)wait;
	(void)class;
}

void
backtrace_format(char *to, size_t size, uint64_t pc)
{
	snprintf(to, size, "%#lx", (unsigned long)pc);
}

static struct lock_class low_class = LOCK_CLASS("low", RANK_WAIT);
static struct lock_class between_class = LOCK_CLASS("between", RANK_SLEEPLOCK);
static struct lock_class mid_class = LOCK_CLASS("mid", RANK_THREAD);
static struct lock_class top_class = LOCK_CLASS("top", RANK_LEAF);
static struct spinlock low = SPINLOCK_INIT(&low_class), low2 = SPINLOCK_INIT(&low_class);
static struct spinlock between = SPINLOCK_INIT(&between_class);
static struct spinlock mid = SPINLOCK_INIT(&mid_class);
static struct spinlock top = SPINLOCK_INIT(&top_class);

static void
check_nothing_held(void)
{
	CHECK_EQ(spin_held_count(), 0);
	CHECK(intr_enabled());
	CHECK_EQ(arch_current()->intr_depth, 0);
	CHECK(spin_this_hart()->top == spin_this_hart()->held);
}

TEST(rising_ranks_in_any_order_of_release)
{
	struct spinlock *l[3] = { &low, &mid, &top };
	unsigned order[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
				 { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	for (unsigned i = 0; i < 6; i++) {
		for (unsigned j = 0; j < 3; j++)
			spin_lock(l[j]);
		for (unsigned j = 0; j < 3; j++) {
			CHECK(!intr_enabled());
			CHECK(spin_held(l[order[i][j]]));
			CHECK_EQ(spin_held_count(), 3 - j);
			spin_unlock(l[order[i][j]]);
			CHECK(!spin_held(l[order[i][j]]));
		}
		check_nothing_held();
	}
}

TEST(interrupts_come_back_as_they_were)
{
	intr_off();
	spin_lock(&low);
	spin_unlock(&low);
	CHECK(!intr_enabled());
	intr_on();
	check_nothing_held();
}

TEST(a_lower_rank_is_a_panic)
{
	spin_lock(&mid);
	CHECK_PANIC("spinlock low", spin_lock(&low));
}

TEST(an_equal_rank_is_a_panic)
{
	spin_lock(&low);
	CHECK_PANIC("lock order", spin_lock(&low2));
}

TEST(an_equal_rank_may_be_nested)
{
	spin_lock(&low);
	spin_lock_nested(&low2);
	spin_unlock(&low);
	spin_lock_nested(&low);
	spin_unlock(&low2);
	spin_unlock(&low);
	check_nothing_held();
}

TEST(a_lower_rank_is_not_nested)
{
	spin_lock(&mid);
	CHECK_PANIC("lock order", spin_lock_nested(&low));
}

TEST(taken_again_is_a_panic)
{
	spin_lock(&low);
	spin_lock(&top);
	CHECK_PANIC("taken again", spin_lock(&low));
}

TEST(nested_upon_itself_is_a_panic)
{
	spin_lock(&low);
	CHECK_PANIC("taken again", spin_lock_nested(&low));
}

// After a release out of order the ranks of what is left count.
TEST(a_gap_hides_nothing)
{
	spin_lock(&low);
	spin_lock(&mid);
	spin_unlock(&low);
	CHECK_PANIC("mid", spin_lock(&low));
}

TEST(a_gap_at_the_end_frees_the_ranks)
{
	spin_lock(&low);
	spin_lock(&mid);
	spin_lock(&top);
	spin_unlock(&mid);
	spin_unlock(&top);
	spin_lock(&mid);
	spin_unlock(&mid);
	spin_unlock(&low);
	check_nothing_held();
}

TEST(a_try_may_go_down_but_counts)
{
	spin_lock(&mid);
	CHECK(spin_trylock(&low));
	CHECK_PANIC("while mid", spin_lock(&between));
}

TEST(a_try_that_stays_counts_alone)
{
	spin_lock(&mid);
	CHECK(spin_trylock(&low));
	spin_unlock(&mid);
	spin_lock(&between);
	spin_unlock(&between);
	spin_unlock(&low);
	check_nothing_held();
}

TEST(a_failed_try_changes_nothing)
{
	spin_lock(&low);
	CHECK(!spin_trylock(&low));
	CHECK_EQ(spin_held_count(), 1);
	spin_unlock(&low);
	check_nothing_held();
}

TEST(given_back_while_free_is_a_panic)
{
	CHECK_PANIC("while free", spin_unlock(&low));
}

TEST(given_back_by_another_is_a_panic)
{
	static struct arch_thread other = { .name = "other", .id = 7 };

	spin_lock(&low);
	fake_set_current(&other);
	CHECK_PANIC("another than its holder", spin_unlock(&low));
}

TEST(passed_on_it_is_the_others)
{
	static struct arch_thread other = { .name = "other", .id = 7, .intr_depth = 1 };

	spin_lock(&low);
	spin_pass_to(&low, &other);
	fake_set_current(&other);
	CHECK(spin_held(&low));
	spin_unlock(&low);
	CHECK_EQ(other.intr_depth, 0);
	CHECK_EQ(spin_held_count(), 0);
}

TEST(sleeping_with_one_held_is_a_panic)
{
	assert_may_sleep("this");
	spin_lock(&low);
	spin_lock(&mid);
	CHECK_PANIC("spinlock mid", assert_may_sleep("this"));
}

TEST(sleeping_with_interrupts_pushed_off_is_a_panic)
{
	intr_push();
	CHECK_PANIC("pushed off", assert_may_sleep("this"));
}

// While the boot hart boots there is no idle thread, and nothing sleeps.
TEST(interrupts_off_is_no_panic_while_booting)
{
	intr_off();
	this_hart()->idle = NULL;
	assert_may_sleep("this");
	this_hart()->idle = arch_current();
	CHECK_PANIC("interrupts are off", assert_may_sleep("this"));
}

static unsigned classes;

static void
count(void *arg, const struct lock_class *c)
{
	(void)arg;
	CHECK(c == &low_class || c == &mid_class);
	classes++;
}

TEST(classes_are_known_after_their_first_use_and_count)
{
	lock_class_for_each(count, NULL);
	CHECK_EQ(classes, 0);
	for (unsigned i = 0; i < 5; i++) {
		spin_lock(&low);
		spin_lock(&mid);
		spin_unlock(&mid);
		spin_unlock(&low);
	}
	lock_class_for_each(count, NULL);
	CHECK_EQ(classes, 2);
	CHECK_EQ(low_class.acquired, 5);
}

TEST(hold_times_are_kept_when_asked_for)
{
	spin_this_hart()->times = true;
	spin_lock(&low);
	fake_time_advance(12345);
	spin_unlock(&low);
	spin_lock(&low);
	fake_time_advance(99);
	spin_unlock(&low);
	CHECK_EQ(low_class.max_hold_ns, 12345);
}
