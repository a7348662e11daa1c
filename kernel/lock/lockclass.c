// SPDX-License-Identifier: MIT
/*
 * Lock classes: a list that only grows, so it is read without a lock.
 */
#include "lock/lockclass.h"

#include "lock/lock_impl.h"

bool lock_times;

static struct lock_class *first;

void
lock_class_register(struct lock_class *c)
{
	if (__atomic_exchange_n(&c->registered, 1, __ATOMIC_RELAXED) != 0)
		return;

	struct lock_class *head = __atomic_load_n(&first, __ATOMIC_RELAXED);
	do
		__atomic_store_n(&c->next, head, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&first, &head, c, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
}

void
lock_class_for_each(void (*fn)(void *arg, const struct lock_class *c), void *arg)
{
	for (const struct lock_class *c = __atomic_load_n(&first, __ATOMIC_ACQUIRE); c != NULL;
	     c = __atomic_load_n(&c->next, __ATOMIC_RELAXED))
		fn(arg, c);
}

void
lock_class_raise(uint64_t *maximum, uint64_t ns)
{
	uint64_t old = __atomic_load_n(maximum, __ATOMIC_RELAXED);

	while (ns > old && !__atomic_compare_exchange_n(maximum, &old, ns, false, __ATOMIC_RELAXED,
							__ATOMIC_RELAXED))
		;
}
