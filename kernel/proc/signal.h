// SPDX-License-Identifier: MIT
/*
 * Signals: sending, waiting, taking.
 *
 * A signal is pending for a process or for one thread.  It is taken by a thread
 * that does not block it, on its way back to user mode.  A sender wakes such a
 * thread; if there is none, the one that unblocks it first will find it.  What
 * a process ignores is thrown away when it is sent.
 *
 * Sending to a process takes proc_tree_lock, because stopping and continuing
 * are told to the parent; a process can't be waited for in between.
 */
#pragma once

#include "abi/signal.h"
#include "arch/types.h"
#include "lib/list.h"

struct pid;
struct proc;
struct trapframe;
struct uthread;

#define SIGNAL_COUNT _NSIG

// Signals of which only one of a number is ever pending; those above queue.
#define SIGNAL_STANDARD_MAX 31

// Queued signals that a process may have pending before more become plain.
#define SIGNAL_QUEUE_MAX 256

static inline sigset_t
signal_bit(int sig)
{
	return UINT64_C(1) << (sig - 1);
}

// What a siginfo_t says, in short.
struct signal_info {
	int code;
	int pid; // who sent it, or which child
	uint32_t uid;
	int status;       // SIGCHLD
	uaddr_t address;  // of a fault
	uint64_t user_ns; // SIGCHLD
	uint64_t system_ns;
	bool forced; // the thread's own fault: takes effect even in process 1
};

struct signal_entry {
	struct list link;
	int signal;
	bool allocated;
	struct signal_info info;
};

/*
 * Guarded by the process's lock.
 */
struct signal_queue {
	sigset_t set;
	uint32_t count;
	struct list entries; // in order of arrival; a signal may have none
};

struct signal_action {
	uaddr_t handler; // SIG_DFL, SIG_IGN or the handler's address
	uint64_t flags;
	sigset_t mask;
};

#define SIGNAL_DEFAULT UINT64_C(0)
#define SIGNAL_IGNORE  UINT64_C(1)

void signal_queue_init(struct signal_queue *q);
void signal_queue_clear(struct signal_queue *q);

// Send; sig is 1 to SIGNAL_COUNT.  proc_tree_lock is held.  0, or -EAGAIN (a
// queueing signal, too many).
int signal_send(struct proc *p, int sig, const struct signal_info *info);
int signal_send_thread(struct uthread *ut, int sig, const struct signal_info *info);
// To each member of a group; returns how many there were.
unsigned signal_send_group(struct pid *group, int sig, const struct signal_info *info);

// kill(2) and its kin, with all checks; sig 0 only checks.
int signal_kill(int target, int sig);
int signal_kill_thread(int process, int thread, int sig);

// Send to the current thread or group, from the kernel (SIGPIPE, SIGTTIN).
void signal_send_self(int sig);
void signal_send_own_group(int sig);

// The current thread's instruction caused sig: it is taken before the next
// instruction, by a handler or, if it is blocked or ignored, by the default.
void signal_fault(int sig, int code, uaddr_t address);

// Change or ask the disposition.  -EINVAL.
int signal_set_action(int sig, const struct signal_action *new, struct signal_action *old);
void signal_reset_handlers(struct proc *p);
bool signal_is_ignored(struct proc *p, int sig);

// The current thread's blocked signals; SIGKILL and SIGSTOP never are.
void signal_set_blocked(sigset_t set);
// Signals that are pending for the current thread and blocked.
sigset_t signal_pending_blocked(void);
// Whether the current thread has something to take.  The process's lock or none.
bool signal_waiting(void);

// Let ut look at its process before it goes to user mode again, and end an
// interruptible sleep.  The process's lock is held.
void signal_notify(struct uthread *ut);
// The same for all threads but one, which must end or stop: also ends their
// waits for a child's exec.
void signal_notify_others(struct proc *p, struct uthread *except);
// Threads that can take what is pending for the process are told.  p's lock.
void signal_retarget(struct proc *p);

// All threads of p must end with this wait status, if none is set yet.  p's
// lock is held.
void signal_group_exit(struct proc *p, int wait_status);

// Whether ut must end: its process exits, or another thread execs.  p's lock.
bool signal_must_end(const struct uthread *ut);

// On the way to user mode with something to do: take signals, stop, end,
// restart the system call.  Interrupts on; may not return.
void signal_deliver(struct trapframe *tf);

// rt_sigreturn(): the registers from the frame at the stack pointer.  A bad
// frame is SIGSEGV.
void signal_return(struct trapframe *tf);
