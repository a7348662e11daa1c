// SPDX-License-Identifier: MIT
/*
 * Mounting file systems.
 */
#pragma once

#include <abi/mount.h>

int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data);
int umount(const char *target);
int umount2(const char *target, int flags);
