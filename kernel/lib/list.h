// SPDX-License-Identifier: MIT
/*
 * Doubly linked circular lists whose links are members of what they link.
 *
 * A head is a struct list that is a member of nothing.  An element that is on
 * no list points at itself (list_init), so list_linked() can tell.
 */
#pragma once

#include "arch/types.h"

struct list {
	struct list *next;
	struct list *prev;
};

#define LIST_INIT(name)                          \
	{                                        \
		.next = &(name), .prev = &(name) \
	}

// The struct that contains member at address p.
#define container_of(p, type, member) ((type *)(void *)((char *)(p)-offsetof(type, member)))

#define list_for_each(pos, head) for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)

// The body may remove pos.
#define list_for_each_safe(pos, tmp, head)                               \
	for ((pos) = (head)->next, (tmp) = (pos)->next; (pos) != (head); \
	     (pos) = (tmp), (tmp) = (pos)->next)

static inline void
list_init(struct list *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool
list_empty(const struct list *head)
{
	return head->next == head;
}

static inline bool
list_linked(const struct list *l)
{
	return l->next != l;
}

static inline void
list_insert_between(struct list *l, struct list *prev, struct list *next)
{
	l->prev = prev;
	l->next = next;
	prev->next = l;
	next->prev = l;
}

static inline void
list_push_front(struct list *head, struct list *l)
{
	list_insert_between(l, head, head->next);
}

static inline void
list_push_back(struct list *head, struct list *l)
{
	list_insert_between(l, head->prev, head);
}

static inline void
list_insert_before(struct list *pos, struct list *l)
{
	list_insert_between(l, pos->prev, pos);
}

// Take l off its list.  Nothing happens if it is on none.
static inline void
list_remove(struct list *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

// Take off and return the first element, or NULL.
static inline struct list *
list_pop_front(struct list *head)
{
	struct list *l = head->next;
	if (l == head)
		return NULL;
	list_remove(l);
	return l;
}

// Move all elements of from to the end of to.
static inline void
list_splice_back(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}
