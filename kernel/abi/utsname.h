// SPDX-License-Identifier: MIT
/*
 * uname(): the machine and its system (struct new_utsname in
 * include/uapi/linux/utsname.h).
 */
#pragma once

#define UTSNAME_LENGTH 65 // with the null byte

struct utsname {
	char sysname[UTSNAME_LENGTH];
	char nodename[UTSNAME_LENGTH];
	char release[UTSNAME_LENGTH];
	char version[UTSNAME_LENGTH];
	char machine[UTSNAME_LENGTH];
	char domainname[UTSNAME_LENGTH];
};
