// SPDX-License-Identifier: MIT
/*
 * Anonymous memory: pages of zeros, made when they are first touched.
 *
 * The entries of the page table are all that is known of them, so there is
 * nothing to do when a region is cut, copied or released.  Private pages that a
 * fork shares are vm/cow.c's.
 */
#include "abi/errno.h"
#include "mm/page.h"
#include "vm/region.h"

static int
anonymous_fault(struct region *r, uaddr_t va, enum fault_access access, struct page **page,
		uint64_t *flags)
{
	(void)r;
	(void)va;
	(void)access;
	*flags = 0;
	*page = page_alloc(PAGE_ZERO);
	return *page != NULL ? 0 : -ENOMEM;
}

const struct region_ops region_anonymous = {
	.name = "anonymous",
	.fault = anonymous_fault,
};
