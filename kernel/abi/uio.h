// SPDX-License-Identifier: MIT
/*
 * readv() and writev() (include/uapi/linux/uio.h).
 */
#pragma once

#include <stddef.h>

struct iovec {
	void *iov_base;
	size_t iov_len;
};

#define UIO_MAXIOV 1024 // more is -EINVAL
