// SPDX-License-Identifier: MIT
/*
 * The machine's clock and each hart's timer.
 *
 * Nanoseconds since the machine was started, the same on all harts, computed
 * from the time register and the device tree's timebase-frequency.
 */
#pragma once

#include "arch/types.h"

#define NS_PER_SEC UINT64_C(1000000000)
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_US  UINT64_C(1000)

// Read the timebase and find out whether there is Sstc.  Boot hart, once.
void time_init(void);

// Now, in ns.  Any context.
uint64_t time_ns(void);

// Let this hart's timer fire at when ns, or at once if that is past.  There is
// one timer a hart; the last call counts.  Interrupts off.
void time_set_timer(uint64_t when);

// Busy-wait, for drivers at boot only.
void time_delay_us(uint64_t us);

// Seconds since 1970 in ns from the machine's real-time clock, 0 if none.
uint64_t time_read_rtc(void);
