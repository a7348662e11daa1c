// SPDX-License-Identifier: MIT
/*
 * What the files of devfs share.
 */
#pragma once

#include "block/blockdev.h"
#include "vfs/file.h"

// Register null, zero, full, random, urandom, kmsg.
void devfs_register_memory(void);

// vnode_ops.open and .sync of a block device's node.
int devfs_block_open(struct vnode *v, struct file *f);
int devfs_block_sync(struct vnode *v);
