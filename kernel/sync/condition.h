// SPDX-License-Identifier: MIT
/*
 * Conditions: waiting for something that a mutex guards.
 *
 * As sleep_on(), with a mutex in place of the spinlock.  What changes the
 * condition holds the mutex and then signals, so no wake-up is lost.
 */
#pragma once

#include "sync/mutex.h"

struct condition {
	struct spinlock guard;
	struct waitqueue queue;
};

void condition_init(struct condition *c, const char *name);
// Give m back, sleep, take m again.  0, -EINTR or -ETIMEDOUT; m is held in any
// case.  The caller checks its condition again.
int condition_wait(struct condition *c, struct mutex *m, enum sleep_flags flags, uint64_t deadline);
void condition_signal(struct condition *c);
void condition_broadcast(struct condition *c);
