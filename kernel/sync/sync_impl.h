// SPDX-License-Identifier: MIT
/*
 * What the files of sync/ share.
 */
#pragma once

#include "sync/mutex.h"

// mutex_lock() on behalf of the caller at site.
void mutex_lock_at(struct mutex *m, uint64_t site);
