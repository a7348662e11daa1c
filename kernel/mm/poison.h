// SPDX-License-Identifier: MIT
/*
 * Filling freed memory, to find who uses it afterwards.  Debug builds only
 * (make DEBUG=1); these functions vanish otherwise.
 */
#pragma once

#include "arch/types.h"

#define POISON_WORD UINT64_C(0xdeadfa3ddeadfa3d)

// Fill; returns true (release builds: nothing, false).
bool poison_fill_always(void *p, uint64_t size);
// Panic, naming the place, if the pattern is no longer whole.
void poison_check_always(const void *p, uint64_t size);

#if FAWN_DEBUG
#define poison_fill(p, size) poison_fill_always((p), (size))
#define poison_check(p, size, filled)                     \
	do {                                              \
		if (filled)                               \
			poison_check_always((p), (size)); \
	} while (0)
#else
#define poison_fill(p, size)          ((void)(p), false)
#define poison_check(p, size, filled) ((void)(p), (void)(filled))
#endif
