// SPDX-License-Identifier: MIT
/*
 * reboot() (include/uapi/linux/reboot.h).
 *
 * The call takes both magic numbers, a command and an argument.  With
 * LINUX_REBOOT_CMD_POWER_OFF Fawn takes the argument for the status, 0 to 255,
 * that the emulator shall exit with.
 */
#pragma once

#define LINUX_REBOOT_MAGIC1  0xfee1dead
#define LINUX_REBOOT_MAGIC2  672274793
#define LINUX_REBOOT_MAGIC2A 85072278 // as good as MAGIC2
#define LINUX_REBOOT_MAGIC2B 369367448
#define LINUX_REBOOT_MAGIC2C 537993216

#define LINUX_REBOOT_CMD_RESTART   0x01234567
#define LINUX_REBOOT_CMD_HALT      0xcdef0123
#define LINUX_REBOOT_CMD_CAD_ON    0x89abcdef
#define LINUX_REBOOT_CMD_CAD_OFF   0x00000000
#define LINUX_REBOOT_CMD_POWER_OFF 0x4321fedc
#define LINUX_REBOOT_CMD_RESTART2  0xa1b2c3d4
