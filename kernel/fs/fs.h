// SPDX-License-Identifier: MIT
/*
 * The file systems that main.c puts into the table (vfs/mount.h).
 */
#pragma once

void ext2_register(void);
void devfs_register(void);
void procfs_register(void);
