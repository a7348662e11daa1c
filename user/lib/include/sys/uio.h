// SPDX-License-Identifier: MIT
/*
 * Reading into and writing from several places at once.
 */
#pragma once

#include <sys/types.h>

#include <abi/uio.h>

ssize_t readv(int fd, const struct iovec *parts, int count);
ssize_t writev(int fd, const struct iovec *parts, int count);
