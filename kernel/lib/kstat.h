// SPDX-License-Identifier: MIT
/*
 * Counters that the kernel keeps of itself; /proc/kstat prints them all.
 *
 * One list makes the enum, the names and the explanations.  Counters are kept
 * by hart and added up when read, so counting costs one atomic add in memory
 * that nobody else writes.  They are kept in the wrappers above each seam and
 * never in a file that a lab exchanges.
 */
#pragma once

#include "arch/hart.h"

#define KSTAT_LIST(X)                                                           \
	X(SYSCALLS, "syscalls", "system calls")                                 \
	X(IPIS, "ipis", "calls from other harts")                               \
	X(TICKS, "ticks", "timer interrupts")                                   \
	X(SWITCHES, "switches", "context switches")                             \
	X(PREEMPTIONS, "preemptions", "switches that nobody asked for")         \
	X(STEALS, "steals", "threads taken from another hart's queue")          \
	X(WAKEUPS, "wakeups", "threads woken")                                  \
	X(TIMEOUTS_FIRED, "timeouts_fired", "timeouts that came due")           \
	X(PAGES_ALLOCATED, "pages_allocated", "pages given out")                \
	X(PAGES_FREED, "pages_freed", "pages taken back")                       \
	X(PAGES_ZEROED, "pages_zeroed", "pages filled with zeros")              \
	X(PAGES_COPIED, "pages_copied", "pages copied")                         \
	X(PAGE_FAILURES, "page_failures", "page allocations that failed")       \
	X(FAULTS_MINOR, "faults_minor", "page faults served from memory")       \
	X(FAULTS_MAJOR, "faults_major", "page faults that waited for a disk")   \
	X(FAULTS_COW, "faults_cow", "stores to a shared page")                  \
	X(FAULTS_SPURIOUS, "faults_spurious", "page faults with nothing to do") \
	X(TLB_LOCAL, "tlb_local", "fences of this hart's translations")         \
	X(TLB_REMOTE, "tlb_remote", "fences asked of other harts")              \
	X(FORKS, "forks", "processes made")                                     \
	X(EXECS, "execs", "programs started")                                   \
	X(SIGNALS, "signals", "signals delivered")                              \
	X(DISK_READS, "disk_reads", "blocks read from devices")                 \
	X(DISK_WRITES, "disk_writes", "blocks written to devices")              \
	X(DISK_FLUSHES, "disk_flushes", "flushes of devices")                   \
	X(DISK_ERRORS, "disk_errors", "device requests that failed")            \
	X(BUF_HITS, "buf_hits", "blocks found in the cache")                    \
	X(BUF_MISSES, "buf_misses", "blocks not found in the cache")            \
	X(BUF_EVICTIONS, "buf_evictions", "blocks dropped for others")          \
	X(LOCK_TIMEOUTS, "lock_timeouts", "locks waited for too long")

#define KSTAT_ENUM(id, name, what) KSTAT_##id,
enum kstat { KSTAT_LIST(KSTAT_ENUM) KSTAT_COUNT };
#undef KSTAT_ENUM

struct kstat_hart {
	uint64_t value[KSTAT_COUNT];
} __attribute__((aligned(64)));

extern struct kstat_hart kstat_harts[HART_MAX];

// Add n to a counter.  Any context.
static inline void
kstat_add(enum kstat id, uint64_t n)
{
	__atomic_fetch_add(&kstat_harts[this_hart()->index].value[id], n, __ATOMIC_RELAXED);
}

static inline void
kstat_inc(enum kstat id)
{
	kstat_add(id, 1);
}

// The sum over all harts.
uint64_t kstat_read(enum kstat id);
const char *kstat_name(enum kstat id);
