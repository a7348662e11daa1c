// SPDX-License-Identifier: MIT
/*
 * What a test may ask of the fakes, and tell them.
 *
 * Each fake stands for one header of the kernel and is linked by naming its
 * file in the unit's "// fakes:" line.
 */
#pragma once

#include "check.h"

struct arch_thread;

// hart.c, always there: arch/hart.h.  One hart and one thread, unless a test
// makes another one current.
void fake_set_current(struct arch_thread *t);
// Room for a struct thread: the current thread at first.  Zeroed.
extern unsigned char fake_thread[4096];
// cpu_relax() calls before the test fails, since nobody else runs here.
void fake_set_relax_limit(uint64_t calls);

// print.c: lib/print.h.  All that was printed since the last clear, a line for
// each message with its level's number: "1: message\n".
const char *fake_print_text(void);
void fake_print_clear(void);

// time.c: arch/time.h and sched/clock.h.
void fake_time_set(uint64_t ns);
void fake_time_advance(uint64_t ns);

// lock.c: lock/spinlock.h.  Taking a lock twice, giving back one that is not
// held, and a wrong order of ranks fail the test.
unsigned fake_locks_held(void);

// sync.c: sync/mutex.h and sync/ranked.h, with the same checks (needs lock.c).
unsigned fake_mutexes_held(void);

// page.c: mm/page.h, from an arena of a fixed number of pages.  A freed page is
// poisoned: touching it fails the test.
uint64_t fake_pages_used(void);
// heap.c: mm/heap.h, from the C library's malloc().
uint64_t fake_heap_blocks(void);

// page.c and heap.c each: the n-th allocation from now on fails (1: the next),
// and with "all" those after it too.  0: none fails.
void fake_pages_fail(uint64_t n);
void fake_pages_fail_all(uint64_t n);
void fake_heap_fail(uint64_t n);
void fake_heap_fail_all(uint64_t n);
// Allocations that were asked for, failed or not: how many n there are to try.
uint64_t fake_pages_asked(void);
uint64_t fake_heap_asked(void);
