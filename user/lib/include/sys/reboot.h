// SPDX-License-Identifier: MIT
/*
 * The end of the whole machine.
 */
#pragma once

#include <abi/reboot.h>

#define RB_AUTOBOOT    LINUX_REBOOT_CMD_RESTART
#define RB_HALT_SYSTEM LINUX_REBOOT_CMD_HALT
#define RB_POWER_OFF   LINUX_REBOOT_CMD_POWER_OFF

// Does not write back what is only in memory: call sync() before.
int reboot(int command);

// Power off, and let the emulator exit with a status (Fawn only).
int reboot_status(int status);
