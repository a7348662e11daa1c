// SPDX-License-Identifier: MIT
/*
 * Pipes and FIFOs: 64 KiB of pages, copied in chunks.  Writes of up to
 * PIPE_BUF (4096) bytes are atomic.  The sender of -EPIPE's SIGPIPE is sys/.
 */
#pragma once

#include "vfs/file.h"

// Both ends; flags O_NONBLOCK (O_CLOEXEC is the descriptors').
int pipe_create(uint32_t flags, struct file **reader, struct file **writer);

// Open a FIFO's vnode: blocks until the other side is open, unless O_NONBLOCK.
int pipe_open_fifo(struct vnode *v, struct file *f);

unsigned pipe_count(void);
