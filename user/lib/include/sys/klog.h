// SPDX-License-Identifier: MIT
/*
 * The kernel's log.
 */
#pragma once

#include <abi/klog.h>

int klogctl(int action, char *buffer, int length);
