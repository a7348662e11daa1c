// SPDX-License-Identifier: MIT
/*
 * Processes: making them, waiting for them, who they are.
 */
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <abi/signal.h>

#include "../start/result.h"

pid_t
fork(void)
{
	return (pid_t)__result(__sys_clone(SIGCHLD, NULL, NULL, NULL, NULL));
}

pid_t
waitpid(pid_t pid, int *status, int options)
{
	return wait4(pid, status, options, NULL);
}

pid_t
wait(int *status)
{
	return wait4(-1, status, 0, NULL);
}

pid_t
wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	return (pid_t)__result(__sys_wait4(pid, status, (unsigned int)options, usage));
}

pid_t
getpid(void)
{
	return (pid_t)__result(__sys_getpid());
}

pid_t
getppid(void)
{
	return (pid_t)__result(__sys_getppid());
}

pid_t
gettid(void)
{
	return (pid_t)__result(__sys_gettid());
}

uid_t
getuid(void)
{
	return (uid_t)__result(__sys_getuid());
}

uid_t
geteuid(void)
{
	return (uid_t)__result(__sys_geteuid());
}

gid_t
getgid(void)
{
	return (gid_t)__result(__sys_getgid());
}

gid_t
getegid(void)
{
	return (gid_t)__result(__sys_getegid());
}

pid_t
getpgid(pid_t pid)
{
	return (pid_t)__result(__sys_getpgid(pid));
}

pid_t
getpgrp(void)
{
	return (pid_t)__result(__sys_getpgid(0));
}

int
setpgid(pid_t pid, pid_t group)
{
	return (int)__result(__sys_setpgid(pid, group));
}

pid_t
getsid(pid_t pid)
{
	return (pid_t)__result(__sys_getsid(pid));
}

pid_t
setsid(void)
{
	return (pid_t)__result(__sys_setsid());
}

int
sched_yield(void)
{
	return (int)__result(__sys_sched_yield());
}

int
setpriority(int which, id_t who, int priority)
{
	return (int)__result(__sys_setpriority(which, (int)who, priority));
}

/*
 * The system call returns 20 - priority, which is never negative.
 */
int
getpriority(int which, id_t who)
{
	long raw = __result(__sys_getpriority(which, (int)who));

	return raw < 0 ? -1 : (int)(20 - raw);
}

int
nice(int increment)
{
	int priority = getpriority(PRIO_PROCESS, 0) + increment;

	if (setpriority(PRIO_PROCESS, 0, priority) < 0)
		return -1;
	return getpriority(PRIO_PROCESS, 0);
}
