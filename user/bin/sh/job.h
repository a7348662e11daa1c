// SPDX-License-Identifier: MIT
/*
 * Child processes: starting those of a pipeline together, waiting for them.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct job {
	pid_t *pids;     // in the shell's arena
	int count;       // started so far
	pid_t group;     // their process group, if they have one of their own
	bool background; // the terminal stays ours
};

// A job of at most so many processes.
struct job job_make(int size, bool background);

// Start one more.  Returns 0 in the child, 1 in the shell, or -1 after
// a complaint.
int job_fork(struct job *job);

// Wait for all and return the status of the last.  The name is for saying what
// killed it.
int job_wait(struct job *job, const char *name);

// Leave the job to itself, as $!.
void job_leave(const struct job *job);

// Take note of children in the background that have ended.
void job_reap(void);

// Forget all children in the background: they are not this process's.
void job_forget(void);

// Wait for a child in the background; for all of them.  Returns a status.
int job_wait_for(pid_t pid);
int job_wait_for_all(void);

// Take the terminal, if standard input is one that can be taken.
void job_init(void);
