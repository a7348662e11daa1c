// SPDX-License-Identifier: MIT
/*
 * The order in which locks are taken: a thread takes only locks of a rank
 * above all that it holds.  Equal ranks only where a line here says in which
 * order, by lock_nested() forms.  First what may sleep, then spinlocks; so
 * nothing that sleeps is ever taken with a spinlock held.
 */
#pragma once

enum lock_rank {
	RANK_NONE,

	// Locks that sleep.
	RANK_MOUNT_TABLE, // mount and unmount, one at a time, around all else
	RANK_RENAME,      // a rename across directories sees a still tree
	RANK_FILE,        // an open file's offset, held over the read it positions
	RANK_VNODE,       // parent before child; two of one level by address
	RANK_PIPE,        // a pipe's data; reached from a file
	RANK_TTY,         // a terminal's reader; reached from a file
	RANK_EXEC,        // credentials and image of a process being replaced
	RANK_SPACE,       // an address space's regions: a user copy takes it, so
			  // it lies above all that is held over a user copy;
			  // in fork: parent before child
	RANK_FS_ALLOC,    // a file system's bitmaps and counters
	RANK_BUFFER,      // one cached block that belongs to several; one at a time
	RANK_DEVICE,      // a driver's own sleeping lock

	RANK_SPIN, // from here on: spinlocks

	RANK_PROC_TREE,   // parents, children, groups, sessions, the table
	RANK_PROC,        // one process: state, signals, threads; parent before child
	RANK_FDTABLE,     // one descriptor table
	RANK_FS_CONTEXT,  // a process's working directory and root
	RANK_VNODE_TABLE, // which vnodes exist, their references
	RANK_MOUNT,       // one mount's state
	RANK_BCACHE,      // one bucket of the buffer cache
	RANK_BCACHE_LRU,  // the order of eviction
	RANK_BLOCK,       // a block device's queue
	RANK_TTY_QUEUE,   // a terminal's characters, filled by the interrupt
	RANK_DRIVER,      // a driver's rings and registers
	RANK_WAIT,        // a wait queue's guard, where nothing above serves
	RANK_SLEEPLOCK,   // inside sleeplock, rwlock, three-level lock, condition
	RANK_TIMER,       // one hart's timing wheel; two by hart index
	RANK_THREAD,      // one thread's sleep state
	RANK_RUNQUEUE,    // one hart's run queue; two by hart index
	RANK_THREAD_LIST, // the list of all threads
	RANK_KSTACK,      // slots for kernel stacks
	RANK_HEAP,        // one size class of the kernel heap
	RANK_PAGE,        // the page allocator
	RANK_RANDOM,      // the random sequence
	RANK_LEAF,        // takes nothing more

	RANK_COUNT,
};
