// SPDX-License-Identifier: MIT
/*
 * What a process uses, and how important it is.
 */
#pragma once

#include <sys/types.h>

#include <abi/resource.h>

int getpriority(int which, id_t who);
int setpriority(int which, id_t who, int priority);
