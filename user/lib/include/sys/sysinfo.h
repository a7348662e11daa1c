// SPDX-License-Identifier: MIT
/*
 * Memory and load.
 */
#pragma once

#include <abi/sysinfo.h>

int sysinfo(struct sysinfo *info);
