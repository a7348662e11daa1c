// SPDX-License-Identifier: MIT
// Lists: every operation leaves both directions right.
#include "lib/list.h"

#include "check.h"

struct item {
	int value;
	struct list link;
};

// Check that the list holds these values, forwards and backwards.
static void
check_values(const struct list *head, const int *values, size_t n)
{
	const struct list *pos = head->next;

	for (size_t i = 0; i < n; i++, pos = pos->next)
		CHECK_EQ(container_of(pos, struct item, link)->value, values[i]);
	CHECK_EQ(pos, head);
	pos = head->prev;
	for (size_t i = n; i-- > 0; pos = pos->prev)
		CHECK_EQ(container_of(pos, struct item, link)->value, values[i]);
	CHECK_EQ(pos, head);
	CHECK_EQ(list_empty(head), n == 0);
}

#define CHECK_VALUES(head, ...)                            \
	check_values((head), (const int[]){ __VA_ARGS__ }, \
		     sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))

static struct item items[5] = {
	{ .value = 0 }, { .value = 1 }, { .value = 2 }, { .value = 3 }, { .value = 4 }
};

TEST(empty)
{
	struct list head = LIST_INIT(head);

	CHECK(list_empty(&head));
	CHECK(!list_linked(&head));
	CHECK_EQ(list_pop_front(&head), NULL);
}

TEST(push_both_ends)
{
	struct list head = LIST_INIT(head);

	list_push_back(&head, &items[1].link);
	CHECK_VALUES(&head, 1);
	list_push_front(&head, &items[0].link);
	list_push_back(&head, &items[2].link);
	CHECK_VALUES(&head, 0, 1, 2);
	list_insert_before(&items[1].link, &items[3].link);
	CHECK_VALUES(&head, 0, 3, 1, 2);
	list_insert_before(&head, &items[4].link);
	CHECK_VALUES(&head, 0, 3, 1, 2, 4);
}

TEST(remove_makes_unlinked)
{
	struct list head = LIST_INIT(head);

	for (int i = 0; i < 3; i++)
		list_push_back(&head, &items[i].link);
	CHECK(list_linked(&items[1].link));
	list_remove(&items[1].link);
	CHECK(!list_linked(&items[1].link));
	CHECK_VALUES(&head, 0, 2);
	list_remove(&items[1].link);
	CHECK_VALUES(&head, 0, 2);
	list_remove(&items[0].link);
	list_remove(&items[2].link);
	CHECK(list_empty(&head));
}

TEST(pop_in_order)
{
	struct list head = LIST_INIT(head);

	for (int i = 0; i < 5; i++)
		list_push_back(&head, &items[i].link);
	for (int i = 0; i < 5; i++) {
		struct list *l = list_pop_front(&head);
		CHECK_EQ(l, &items[i].link);
		CHECK(!list_linked(l));
	}
	CHECK_EQ(list_pop_front(&head), NULL);
}

TEST(splice)
{
	struct list a = LIST_INIT(a);
	struct list b = LIST_INIT(b);

	list_splice_back(&a, &b);
	CHECK(list_empty(&a));
	list_push_back(&b, &items[2].link);
	list_push_back(&b, &items[3].link);
	list_splice_back(&a, &b);
	CHECK_VALUES(&a, 2, 3);
	CHECK(list_empty(&b));
	list_push_back(&b, &items[4].link);
	list_splice_back(&a, &b);
	CHECK_VALUES(&a, 2, 3, 4);
	list_splice_back(&a, &b);
	CHECK_VALUES(&a, 2, 3, 4);
}

TEST(remove_while_walking)
{
	struct list head = LIST_INIT(head);
	struct list *pos, *tmp;

	for (int i = 0; i < 5; i++)
		list_push_back(&head, &items[i].link);
	list_for_each_safe(pos, tmp, &head)
		if (container_of(pos, struct item, link)->value % 2 == 0)
			list_remove(pos);
	CHECK_VALUES(&head, 1, 3);
	int sum = 0;
	list_for_each(pos, &head)
		sum += container_of(pos, struct item, link)->value;
	CHECK_EQ(sum, 4);
}
