// SPDX-License-Identifier: MIT
/*
 * Failures by count, for allocators.
 */
#pragma once

#include "check.h"

struct failure {
	uint64_t asked;
	uint64_t at; // the count that fails; 0: none
	bool go_on;  // and all after it
};

static inline void
failure_set(struct failure *f, uint64_t n, bool go_on)
{
	f->at = n == 0 ? 0 : f->asked + n;
	f->go_on = go_on;
}

static inline bool
failure_now(struct failure *f)
{
	f->asked++;
	return f->at != 0 && (f->asked == f->at || (f->go_on && f->asked > f->at));
}
