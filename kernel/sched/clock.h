// SPDX-License-Identifier: MIT
/*
 * Clocks: monotonic ns since boot, and real time as an offset to it.  Setting
 * real time moves no timer.
 */
#pragma once

#include "arch/types.h"

// Start real time from the machine's clock.  Boot hart, once.
void clock_init(void);

// ns since boot; never goes back.  Any context.
uint64_t clock_monotonic_ns(void);
// ns since 1970.  Any context.
uint64_t clock_realtime_ns(void);
void clock_set_realtime(uint64_t ns);
