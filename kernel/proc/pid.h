// SPDX-License-Identifier: MIT
/*
 * Numbers of processes, threads, groups and sessions.
 *
 * They share one space.  A number is in use, and not given out again, while
 * anything is called by it: a process until it is waited for, a thread until it
 * ends, a group and a session while they have members, and a terminal's
 * foreground group.  How many there may be follows from the machine's memory.
 */
#pragma once

#include "arch/types.h"
#include "lib/list.h"

struct proc;
struct tty;
struct uthread;

#define PID_MAX 32768

/*
 *   I  fixed when made
 *   T  proc_tree_lock
 */
struct pid {
	int number;             // [I]
	uint32_t uses;          // [T]
	struct list hash;       // [T]
	struct proc *proc;      // [T] the process, alive or zombie
	struct uthread *thread; // [T] the thread
	struct list group;      // [T] processes whose group this is, by group_link
	uint32_t session_size;  // [T] processes whose session this is
	struct tty *tty;        // [T] the session's controlling terminal
};

void pid_init(void);

// A number that is not in use; it has one use.  -EAGAIN at the limit, -ENOMEM.
int pid_alloc(struct pid **out);

// One use more; one less, and it is free at the last.  Tree lock held.
void pid_use(struct pid *pid);
void pid_unuse(struct pid *pid);
// pid_unuse() with the tree lock not held.
void pid_unuse_unlocked(struct pid *pid);

// Tree lock held.
struct pid *pid_find(int number);

// The one with the smallest number above number, or NULL.
struct pid *pid_next(int number);

// Numbers in use, the most there may be, and the one given out last.
unsigned pid_count(void);
unsigned pid_limit(void);
int pid_last(void);

// Move p to a group or a session; NULL: to none.  Tree lock held.
void pid_set_group(struct proc *p, struct pid *group);
void pid_set_session(struct proc *p, struct pid *session);
