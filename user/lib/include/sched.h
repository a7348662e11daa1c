// SPDX-License-Identifier: MIT
/*
 * Giving up the processor.
 */
#pragma once

#include <abi/sched.h>

int sched_yield(void);
