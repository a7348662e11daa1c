// SPDX-License-Identifier: MIT
/*
 * Paths from a program, and the walks that they begin.
 */
#pragma once

#include "proc/fscontext.h"

#define PATH_INLINE 128 // longer ones take a block of the heap

struct user_path {
	char *string;
	struct proc_walk walk; // of path_begin() only
	char bytes[PATH_INLINE];
};

// Copy a path in.  -EFAULT, -ENAMETOOLONG, -ENOMEM.  On success path_free().
int path_copy(struct user_path *p, uaddr_t from);
void path_free(struct user_path *p);

// The same, and a walk from dirfd: p->walk.ctx is ready.  On success path_end().
int path_begin(struct user_path *p, int dirfd, uaddr_t from);
void path_end(struct user_path *p);
