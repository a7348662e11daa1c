// SPDX-License-Identifier: MIT
/*
 * disk.c: block/buf.h and blockdev_find() over one disk in memory, "disk".
 *
 * There is no cache.  A buffer lives while it has references; then its bytes
 * go to the disk if they were marked dirty, and its page is poisoned.  So these
 * mistakes fail a test at once:
 *
 *   - using a buffer's bytes after its last put, or what lies behind them (the
 *     sanitizer: behind each buffer's page is one that nobody may touch)
 *   - changing bytes without marking the buffer dirty before its last put
 *   - putting what isn't held, or forgetting a block that is
 *   - asking for a block beyond the disk
 *   - counting on a freed block's bytes: a block that is forgotten gets garbage
 *
 * Reads of a holder's changes by another see them: a block has one buffer.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

// A disk of zeros; a disk from a file, whole blocks of it.  The one before is
// gone.
void fake_disk_make(uint64_t blocks);
void fake_disk_load(const char *path);
void fake_disk_save(const char *path);
void fake_disk_free(void);

// A block's bytes on the disk, to look at or to damage.
uint8_t *fake_disk_block(uint64_t block);
uint64_t fake_disk_blocks(void);
void fake_disk_set_blocks(uint64_t blocks); // fewer: the disk ends there
void fake_disk_set_read_only(bool read_only);

// Buffers that somebody holds.
unsigned fake_disk_held(void);
// Blocks written since the disk was made, and what buf.file was when this block
// was written last.
uint64_t fake_disk_writes(void);
uint64_t fake_disk_file_of(uint64_t block);

// The n-th buf_get() from now on fails with -EIO (1: the next), with "all" those
// after it too; 0: none.  And how many there were.
void fake_disk_fail(uint64_t n);
void fake_disk_fail_all(uint64_t n);
uint64_t fake_disk_asked(void);
// buf_sync() and buf_write() fail with -EIO.
void fake_disk_fail_writes(bool fail);

// The disk is damaged: forgetting a block that is held is to be expected.
void fake_disk_expect_damage(void);
