// SPDX-License-Identifier: MIT
/*
 * Groups and sessions (POSIX.1-2017, 2.4.2 and the definitions 3.103 ff.): job
 * control's part that is not a signal.
 */
#pragma once

#include "arch/types.h"

struct pid;
struct proc;

// setpgid(2), setsid(2), getpgid(2), getsid(2).  Ids or -EINVAL, -ESRCH, -EPERM,
// -EACCES.
int job_set_group(int pid, int group);
int job_new_session(void);
int job_group_of(int pid);
int job_session_of(int pid);

// Whether no member of the group has a parent in another group of its session:
// nobody is there to continue it.  Tree lock held.
bool job_group_is_orphaned(struct pid *group);

// p is about to end: groups that it leaves orphaned with stopped members get
// SIGHUP and SIGCONT (POSIX.1-2017, _exit()).  Tree lock held; p still has its
// children.
void job_leave(struct proc *p);
