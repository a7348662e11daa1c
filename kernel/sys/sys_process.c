// SPDX-License-Identifier: MIT
/*
 * System calls on processes and threads.
 */
#include "abi/errno.h"
#include "abi/prctl.h"
#include "abi/resource.h"
#include "arch/hart.h"
#include "lib/string.h"
#include "proc/args.h"
#include "proc/exec.h"
#include "proc/exit.h"
#include "proc/fork.h"
#include "proc/job.h"
#include "proc/pid.h"
#include "proc/priority.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "sys/path.h"
#include "sys/syscall_table.h"
#include "sys/times.h"
#include "vm/usercopy.h"

// ---- Making, replacing, ending -----------------------------------------------

int64_t
sys_clone(uint64_t flags, uaddr_t stack, uaddr_t parent_tid, uaddr_t tls, uaddr_t child_tid)
{
	struct clone_request request = {
		.flags = flags,
		.stack = stack,
		.parent_tid = parent_tid,
		.tls = tls,
		.child_tid = child_tid,
	};

	return proc_clone(&request);
}

static int
copy_arguments(struct args *a, uaddr_t argv, uaddr_t envp)
{
	int error = args_add_vector(a, false, argv);

	if (error == 0)
		error = args_complete(a);
	if (error == 0)
		error = args_add_vector(a, true, envp);
	return error;
}

int64_t
sys_execve(uaddr_t path, uaddr_t argv, uaddr_t envp)
{
	struct user_path p;
	struct args a;

	int error = path_copy(&p, path);
	if (error != 0)
		return error;
	args_init(&a);
	error = copy_arguments(&a, argv, envp);
	if (error == 0)
		error = exec_program(p.string, &a);
	args_free(&a);
	path_free(&p);
	return error;
}

int64_t
sys_exit(int status)
{
	exit_thread(status & 0xff);
}

int64_t
sys_exit_group(int status)
{
	exit_process(status & 0xff);
}

static struct timeval
timeval_of(uint64_t ns)
{
	struct timespec t = times_from_ns(ns);

	return (struct timeval){ .tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000 };
}

static int
copy_usage(uaddr_t to, const struct proc_usage *usage)
{
	struct rusage r = {
		.ru_utime = timeval_of(usage->user_ns),
		.ru_stime = timeval_of(usage->system_ns),
		.ru_maxrss = (int64_t)(usage->resident_max * (PAGE_SIZE / 1024)),
		.ru_minflt = (int64_t)usage->faults,
		.ru_nvcsw = (int64_t)usage->switches,
	};

	return copy_out(to, &r, sizeof r);
}

int64_t
sys_wait4(int pid, uaddr_t status, uint64_t options, uaddr_t usage)
{
	struct wait_result result;

	int error = wait_child(pid, options, &result);
	if (error != 0 || result.pid == 0)
		return error;
	if (status != 0)
		error = copy_out(status, &result.status, sizeof result.status);
	if (error == 0 && usage != 0)
		error = copy_usage(usage, &result.usage);
	return error != 0 ? error : result.pid;
}

// ---- Ids ---------------------------------------------------------------------

int64_t
sys_getpid(void)
{
	return proc_current()->id;
}

int64_t
sys_gettid(void)
{
	return uthread_current()->tid;
}

int64_t
sys_getppid(void)
{
	spin_lock(&proc_tree_lock);
	const struct proc *parent = proc_current()->parent;
	int id = parent != NULL ? parent->id : 0;
	spin_unlock(&proc_tree_lock);
	return id;
}

// There is one user, the superuser.
int64_t
sys_getuid(void)
{
	return 0;
}

int64_t
sys_geteuid(void)
{
	return 0;
}

int64_t
sys_getgid(void)
{
	return 0;
}

int64_t
sys_getegid(void)
{
	return 0;
}

int64_t
sys_setpgid(int pid, int group)
{
	return job_set_group(pid, group);
}

int64_t
sys_getpgid(int pid)
{
	return job_group_of(pid);
}

int64_t
sys_getsid(int pid)
{
	return job_session_of(pid);
}

int64_t
sys_setsid(void)
{
	return job_new_session();
}

int64_t
sys_set_tid_address(uaddr_t address)
{
	struct uthread *ut = uthread_current();

	ut->clear_tid = address;
	return ut->tid;
}

// ---- Names and the trace -----------------------------------------------------

static int
set_name(uaddr_t from)
{
	struct uthread *ut = uthread_current();
	struct proc *p = ut->proc;
	char name[PROC_NAME_SIZE];

	int64_t length = copy_in_string(name, from, sizeof name);
	if (length < 0 && length != -ENAMETOOLONG)
		return (int)length;
	name[sizeof name - 1] = '\0';
	spin_lock(&p->lock);
	string_copy(ut->thread->arch.name, name, sizeof ut->thread->arch.name);
	if (ut->tid == p->id)
		string_copy(p->name, name, sizeof p->name);
	spin_unlock(&p->lock);
	return 0;
}

static int
get_name(uaddr_t to)
{
	char name[PROC_NAME_SIZE] = { 0 };

	string_copy(name, arch_current()->name, sizeof name);
	return copy_out(to, name, sizeof name);
}

static int
set_trace(uint64_t value)
{
	struct proc *p = proc_current();
	bool old = __atomic_load_n(&p->trace, __ATOMIC_RELAXED);

	if (value <= 1)
		__atomic_store_n(&p->trace, value == 1, __ATOMIC_RELAXED);
	return old;
}

int64_t
sys_prctl(int option, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	(void)b;
	(void)c;
	(void)d;
	switch (option) {
	case PR_SET_NAME:
		return set_name(a);
	case PR_GET_NAME:
		return get_name(a);
	case PR_FAWN_TRACE:
		return set_trace(a);
	default:
		return -EINVAL;
	}
}

// ---- Processor ---------------------------------------------------------------

int64_t
sys_sched_yield(void)
{
	sched_yield();
	return 0;
}

int64_t
sys_setpriority(int which, int who, int priority)
{
	return priority_set(which, who, priority);
}

int64_t
sys_getpriority(int which, int who)
{
	int nice;

	int error = priority_get(which, who, &nice);
	return error != 0 ? error : PRIO_MAX - nice;
}
