// SPDX-License-Identifier: MIT
/*
 * What has no call of its own.
 */
#pragma once

#include <abi/ioctl.h>

int ioctl(int fd, unsigned long request, ...);
