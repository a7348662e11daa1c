// SPDX-License-Identifier: MIT
/*
 * What the files of procfs share.
 */
#pragma once

// Register the files that tell of what lies at or below the VFS: cmdline,
// interrupts, locks, mounts, version, vfsstat.
void procfs_register_files(void);
