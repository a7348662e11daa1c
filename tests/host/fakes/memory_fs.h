// SPDX-License-Identifier: MIT
/*
 * memory_fs.c: a file system in memory, "mem", to test the VFS with (threads.c).
 *
 * Sources are "a" and "b", each a tree of its own that outlives its mounts.  It
 * gives a free number to the next file at once, so that whoever holds on to a
 * number too long meets another file; and it lets others run in the middle of
 * each operation.
 *
 * Checked always: each operation is called with the locks that docs/locking.md
 * says; no free number is loaded; an unlink is of what the name means.
 */
#pragma once

#include "check.h"

void memory_fs_register(void);

// The whole of a source: each directory is in one other directory, links are
// counted right, and what no name leads to is not there.
void memory_fs_check(const char *source);

// Files and directories there are, the root included.
unsigned memory_fs_nodes(const char *source);

// How often lookup() was called.
uint64_t memory_fs_lookups(void);

// The next n creates fail with -ENOSPC, the next n unlinks and renames with -EIO.
void memory_fs_fail_creates(unsigned n);
void memory_fs_fail_removes(unsigned n);
