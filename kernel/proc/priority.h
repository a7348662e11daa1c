// SPDX-License-Identifier: MIT
/*
 * Nice values (setpriority(2)): -20, most of the processor, to 19, least.
 */
#pragma once

// which is PRIO_PROCESS, PRIO_PGRP or PRIO_USER, who an id, 0 for the caller's.
// A value out of range is taken for the nearest.  -EINVAL, -ESRCH.
int priority_set(int which, int who, int nice);
// The lowest (best) of those named.
int priority_get(int which, int who, int *nice);
