// SPDX-License-Identifier: MIT
/*
 * The ends of a machine's life.
 */
#pragma once

#include "arch/types.h"

// Find the test finisher and SBI SRST.  Boot hart, once.
void power_init(void);

// Switch the machine off; QEMU ends with status & 0xff.  The virt machine's
// test finisher carries the status; SRST, where there is no finisher, can't.
_Noreturn void power_off(unsigned status);

// Start the machine anew.
_Noreturn void power_reboot(void);
