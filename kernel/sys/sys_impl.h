// SPDX-License-Identifier: MIT
/*
 * What the files of sys/ share.
 */
#pragma once

#include "abi/limits.h"
#include "arch/types.h"
#include "proc/fscontext.h"

// A path from a program.  Short ones need no allocation.
struct user_path {
	char *text;
	char small[128];
};

// -EFAULT, -ENAMETOOLONG, -ENOMEM.
int user_path_get(struct user_path *p, uaddr_t address);
void user_path_put(struct user_path *p);

// A path and where it begins.
struct path_call {
	struct user_path path;
	struct proc_walk walk;
};

// Errors of user_path_get() and proc_walk_begin().
int path_call_begin(struct path_call *c, int dirfd, uaddr_t path);
void path_call_end(struct path_call *c);
