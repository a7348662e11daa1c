// SPDX-License-Identifier: MIT
/*
 * Making processes and threads (clone(2), Linux riscv64's order of arguments).
 */
#pragma once

#include "arch/types.h"

struct clone_request {
	uint64_t flags;     // CLONE_* and the signal of the child's end
	uaddr_t stack;      // the child's stack pointer; 0: the parent's
	uaddr_t parent_tid; // CLONE_PARENT_SETTID
	uaddr_t tls;        // CLONE_SETTLS
	uaddr_t child_tid;  // CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID
};

// Make a child of the current process (fork, vfork, posix_spawn) or a thread
// in it (CLONE_THREAD with VM, FS, FILES and SIGHAND).  All registers are equal
// in the child but a0, which is 0, and what stack and tls change.  Returns the
// child's id; -EINVAL for combinations that make no sense or that we lack,
// -EAGAIN for too many, -ENOMEM, -EINTR_ALWAYS for a signal that must be taken
// first (proc/restart.h).
int proc_clone(const struct clone_request *request);
