// SPDX-License-Identifier: MIT
/*
 * What the files of proc/ share among themselves.
 */
#pragma once

#include "proc/proc.h"

struct thread;
struct trapframe;

// Enter p, which has a parent, group and session, into the table, and take it
// out: after that only references keep it.  Tree lock held.  (proc.c)
void proc_publish(struct proc *p);
void proc_unpublish(struct proc *p);

// A new thread of p under the number pid, one use of which passes to it on
// success; not started, not in p's list.  Its frame is zeroed.  (uthread.c)
int uthread_create(struct proc *p, struct pid *pid, const char *name, void (*entry)(void *),
		   struct uthread **out);
// Undo that; the number's use goes back to the caller.
void uthread_discard(struct uthread *ut);
// Enter ut into its process and number.  Tree lock and p's lock held.
void uthread_publish(struct uthread *ut);
// The current thread leaves for user mode with its frame for the first time.
_Noreturn void uthread_enter_user(struct uthread *ut);
// End the current thread; with the last one, its process.  (exit.c)
_Noreturn void uthread_exit(void);
// End the current process: all its threads.
_Noreturn void proc_exit_group(int wait_status);

// Time that t has run, in ns, up to now.  (usage.c)
uint64_t thread_time_ns(const struct thread *t);

// p's parent, if it waits in vfork for p, may go on.  (fork.c)
void vfork_release(struct proc *p);

// Tell p's parent that p has ended, stopped or continued, by SIGCHLD and by
// waking it; code is CLD_... and status its si_status.  Tree lock held, no
// process's lock.  Returns whether the parent doesn't want zombies.  (stop.c)
bool proc_tell_parent(struct proc *p, int code, int status);

// The current thread stops with its process until that continues.  (stop.c)
void stop_here(struct uthread *ut);
// A stop signal takes effect, unless SIGCONT has come since stop_taken was set.
// Process's lock held.
void stop_begin(struct proc *p, int sig);
// SIGCONT was sent: returns whether the process was stopped or about to.
// Tree lock and process's lock held.
bool stop_end(struct proc *p);
// Whether every thread has stopped and the parent is to be told so now; then
// the caller tells it.  Tree lock and process's lock held.
bool stop_complete(struct proc *p);

// Say in the log what the current thread did to be ended by sig.  (fault.c)
struct signal_info;
void fault_report(int sig, const struct signal_info *info);

// Push a frame for a handler on the user's stack and point tf at the handler.
// mask is what the return restores.  -EFAULT, -ENOMEM.  (sigframe.c)
struct signal_action;
int sigframe_push(struct trapframe *tf, int sig, const struct signal_info *info,
		  const struct signal_action *action, sigset_t mask);
// Take registers and mask back from the frame at the stack pointer.
int sigframe_pop(struct trapframe *tf, sigset_t *mask);

// Where the code that calls rt_sigreturn() lies in every process (image.c).
#define SIGRETURN_ADDRESS (USER_TOP - 2 * PAGE_SIZE)
