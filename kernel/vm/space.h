// SPDX-License-Identifier: MIT
/*
 * Address spaces: a page table and the regions that say what belongs in it.
 *
 * Shared by the threads of a process; copied by fork.  The lock is taken by
 * whoever looks at regions or changes entries: mmap and its kin, fork, and
 * each page fault, so also every user copy that faults.
 */
#pragma once

#include "sync/mutex.h"
#include "vm/region.h"

/*
 *   I  fixed when made
 *   a  atomic
 *   s  lock
 */
struct space {
	struct mutex lock;     // s
	pte_t *root;           // [I]
	uint32_t refs;         // [a]
	uint64_t harts;        // [a] harts that may have it in their TLB, by index
			       // (space.c keeps one more bit here)
	struct list regions;   // [s] by start, not overlapping
	struct region *hint;   // [s] the region found last
	uaddr_t brk_start;     // [s]
	uaddr_t brk;           // [s]
	uaddr_t stack_limit;   // [s] bytes that the stack may grow to
	uint64_t resident;     // [s] pages present
	uint64_t resident_max; // [s]
	uint64_t mapped;       // [s] bytes in regions
};

// An empty space with one reference, or NULL.
struct space *space_alloc(void);
void space_get(struct space *s);
// May sleep.  At the last: unmaps all and frees.
void space_put(struct space *s);

// Root pages of spaces that are gone, but that a hart still has loaded; at most
// one a hart.  They count as free for tests.
uint64_t space_lingering_pages(void);

// The space of the current thread, or NULL for a kernel thread.  proc/ keeps
// it here, in the thread, so that a fault finds it without proc/.
struct space *space_current(void);
// Give the current thread s (a reference passes to it) and use it at once;
// returns what it had.  NULL: the kernel's page table only.
struct space *space_set_current(struct space *s);
// Before thread_start(): the space that a new thread shall have.
struct thread;
void space_set_thread(struct thread *t, struct space *s);

// A copy for fork.  0 or -ENOMEM; then nothing is left of it.
int space_fork(struct space *parent, struct space **child);

// The scheduler's switch hook, installed by vm_init().
void vm_init(void);

// The region that has va, or NULL.  Lock held.
struct region *space_find(struct space *s, uaddr_t va);

// Fences for [start, end) of s on every hart that may have it cached.
void space_flush(struct space *s, uaddr_t start, uaddr_t end);

// Serve a fault at va of the current thread's space.  Returns 0, or -EFAULT
// (no region, or no right: SIGSEGV, MAPERR if *mapped is false, ACCERR if
// true), -ENXIO (nothing backs the page: SIGBUS), -ENOMEM.  May sleep.
int space_fault(struct space *s, uaddr_t va, enum fault_access access, bool *mapped);

// For /proc/PID/maps and reports: call fn for each region.
void space_for_each_region(struct space *s, void (*fn)(void *arg, const struct region *r),
			   void *arg);
