// SPDX-License-Identifier: MIT
/*
 * Opening files.
 */
#pragma once

#include <sys/types.h>

#include <abi/fcntl.h>

// The mode counts only with O_CREAT.
int open(const char *path, int flags, ...);
int openat(int dirfd, const char *path, int flags, ...);
int creat(const char *path, mode_t mode);
int fcntl(int fd, int command, ...);
