// SPDX-License-Identifier: MIT
/*
 * The table of instructions that may fault on a user address (uaccess_copy.S).
 */
#include "arch/uaccess.h"

#include "arch/arch_impl.h"

// The entries come from one file, so they are in the order of their addresses.
uint64_t
uaccess_fixup(uint64_t pc)
{
	const struct fixup *low = fixup_start;
	const struct fixup *high = fixup_end;

	while (low < high) {
		const struct fixup *middle = low + (high - low) / 2;
		if (middle->pc == pc)
			return middle->next;
		if (middle->pc < pc)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}
