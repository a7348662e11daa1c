// SPDX-License-Identifier: MIT
/*
 * Regions as objects: their making and end.  Where they lie is vm/mmap.c's.
 */
#include "vm/region.h"

#include "mm/heap.h"

struct region *
region_copy(const struct region *r)
{
	struct region *copy = heap_alloc(sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *r;
	list_init(&copy->link);
	return copy;
}

void
region_free(struct region *r)
{
	if (r->ops->release != NULL)
		r->ops->release(r);
	heap_free(r);
}
