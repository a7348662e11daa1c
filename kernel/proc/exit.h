// SPDX-License-Identifier: MIT
/*
 * The end of threads and processes, and waiting for it.
 */
#pragma once

#include "proc/proc.h"

// exit_group(2): end the current process.  code is 0 to 255.
_Noreturn void exit_process(int code);
// exit(2): end the current thread; the process, if it is the last.
_Noreturn void exit_thread(int code);

// What wait4(2) tells of a child.
struct wait_result {
	int pid;    // 0: none yet (WNOHANG)
	int status; // abi/wait.h
	struct proc_usage usage;
};

// wait4(2): target > 0 a child, -1 any, 0 any of the caller's group, < -1 any
// of group -target.  0, -ECHILD, -EINVAL, -EINTR.
int wait_child(int target, uint64_t options, struct wait_result *result);

// Tell the parent of p, a zombie, of its end.  Tree lock held.  Returns whether
// the parent wants no zombies.
bool exit_tell_parent(struct proc *p);
