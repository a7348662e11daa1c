// SPDX-License-Identifier: MIT
/*
 * Time in microseconds.
 */
#pragma once

#include <sys/types.h>

#include <abi/time.h>

int gettimeofday(struct timeval *now, void *zone);
int settimeofday(const struct timeval *now, const void *zone);
int utimes(const char *path, const struct timeval times[2]);
