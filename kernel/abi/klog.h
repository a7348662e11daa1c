// SPDX-License-Identifier: MIT
/*
 * syslog(): the kernel's log (include/linux/syslog.h; the syslog(2) manual
 * page).
 */
#pragma once

#define SYSLOG_ACTION_CLOSE         0
#define SYSLOG_ACTION_OPEN          1
#define SYSLOG_ACTION_READ          2 // take what is new; waits
#define SYSLOG_ACTION_READ_ALL      3 // copy the newest that fits
#define SYSLOG_ACTION_READ_CLEAR    4 // and clear
#define SYSLOG_ACTION_CLEAR         5
#define SYSLOG_ACTION_CONSOLE_OFF   6
#define SYSLOG_ACTION_CONSOLE_ON    7
#define SYSLOG_ACTION_CONSOLE_LEVEL 8
#define SYSLOG_ACTION_SIZE_UNREAD   9
#define SYSLOG_ACTION_SIZE_BUFFER   10 // bytes that READ_ALL may need
