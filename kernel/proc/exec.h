// SPDX-License-Identifier: MIT
/*
 * Replacing a process's image (execve(2)).
 */
#pragma once

#include "arch/types.h"

struct args;
struct trapframe;

// Load the program at path, a script or an ELF file, into the current process,
// with the arguments in a (which are changed for a script).  On success the
// current thread's frame starts the program, all other threads are gone, and 0
// is returned.  On an error nothing has changed
// (but see exec.c, rule 3): -ENOEXEC, -ENOENT, -EACCES,
// -E2BIG, -ENOMEM, -ELOOP (scripts of scripts), -EIO and the walk's errors.
int exec_program(const char *path, struct args *a);
