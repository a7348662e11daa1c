// SPDX-License-Identifier: MIT
/*
 * slow_disk.c: a block device in memory whose requests take time (threads.c), for
 * what lies above block/blockdev.h.  Each request ends one to two times the
 * latency after it was sent; bytes are copied when it ends.  A write that overlaps
 * with another request on its way fails the test.
 */
#pragma once

#include "block/blockdev.h"

#define SLOW_DISK_NS 100000 // the latency

// A disk whose block i is filled with the byte i.
struct blockdev *slow_disk_make(uint64_t blocks);

uint8_t *slow_disk_block(uint64_t block);

// The next n reads (writes) of a block fail.
void slow_disk_fail_reads(uint64_t block, unsigned n);
void slow_disk_fail_writes(uint64_t block, unsigned n);

// Blocks read and written, requests that wrote, flushes.
uint64_t slow_disk_reads(void);
uint64_t slow_disk_writes(void);
uint64_t slow_disk_write_requests(void);
uint64_t slow_disk_flushes(void);
unsigned slow_disk_in_flight(void);
// The i-th block that was written, as requests were sent.
uint64_t slow_disk_written(uint64_t i);
