// SPDX-License-Identifier: MIT
/*
 * Processes: what owns.  What runs is struct thread (sched/thread.h); a thread
 * of a process has a user part, struct uthread, at thread->user_data.
 *
 * A process is alive while it has a thread, then a zombie until it is waited
 * for, then gone.  Three things may be held of it:
 *   - the tree lock: then nobody comes, goes, or changes parents and groups;
 *   - its own lock: then its threads and signals stand still;
 *   - a reference: then its memory stays, whatever happens to the process.
 * A thread's own process stays as long as the thread.
 */
#pragma once

#include "lib/list.h"
#include "lock/spinlock.h"
#include "proc/signal.h"
#include "sched/sleep.h"
#include "sched/thread.h"

struct fdtable;
struct fs_context;
struct pid;
struct space;

#define PROC_NAME_SIZE 16 // with the NUL, as PR_SET_NAME has it

enum proc_state {
	PROC_ALIVE,
	PROC_ZOMBIE, // its last thread has ended; the status waits for the parent
	PROC_GONE,   // waited for; only references keep its memory
};

// What wait4() has not yet told of a process that lives.
enum proc_news {
	NEWS_NONE,
	NEWS_STOPPED,
	NEWS_CONTINUED,
};

// CPU time of threads that have ended, and what else wait4() reports.
struct proc_usage {
	uint64_t user_ns;
	uint64_t system_ns;
	uint64_t faults;
	uint64_t switches;
	uint64_t resident_max; // pages
};

/*
 *   I  fixed when made
 *   a  atomic
 *   T  proc_tree_lock
 *   p  lock
 *   o  the process's own threads; changed only while there is one, under lock
 */
struct proc {
	struct spinlock lock;
	uint32_t refs;     // [a]
	int id;            // [I]
	bool trace;        // [a] print each system call
	struct pid *pid;   // [I]
	uint64_t start_ns; // [I]

	enum proc_state state;         // [T]
	struct proc *parent;           // [T] NULL: process 1, and who is gone
	struct list children;          // [T] alive
	struct list zombies;           // [T] children that wait to be waited for
	struct list sibling;           // [T] in the parent's children or zombies
	struct list all;               // [T]
	struct pid *group;             // [T]
	struct list group_link;        // [T]
	struct pid *session;           // [T]
	bool did_exec;                 // [T]
	int exit_signal;               // [T] what the parent gets at its end
	int wait_status;               // [T] once a zombie
	enum proc_news news;           // [T]
	int stop_signal;               // [T] the one of NEWS_STOPPED
	struct waitqueue wait;         // [T] its threads in wait4()
	struct proc_usage usage;       // [p] of threads that have ended
	struct proc_usage child_usage; // [T] of children that were waited for

	struct list threads;         // [p]
	uint32_t nthreads;           // [p]
	bool exiting;                // [p] every thread must end
	int exit_status;             // [p] what wait4() shall say
	struct uthread *exec_owner;  // [p] the thread that all others make room for
	struct waitqueue exec_wait;  // [p] where it waits
	bool stopping;               // [p] every thread must stop
	int stopping_signal;         // [p]
	bool stop_taken;             // [p] a stop signal is about to take effect
	bool stop_told;              // [p] the parent knows
	uint32_t stopped;            // [p] threads that have
	struct waitqueue stop_wait;  // [p] where they are
	struct proc *vfork_parent;   // [o] referenced; waits for exec or exit
	bool vfork_done;             // [vfork_parent's p]
	struct waitqueue vfork_wait; // [p] its threads in vfork

	struct signal_queue pending;               // [p] for any thread
	struct signal_action action[SIGNAL_COUNT]; // [p]

	struct space *space;       // [o] NULL once exited
	struct fdtable *files;     // [o] NULL once exited
	struct fs_context *fs;     // [o] NULL once exited
	char name[PROC_NAME_SIZE]; // [p] of the program, or by prctl()
	char *cmdline;             // [p] arguments, each with its NUL
	size_t cmdline_size;       // [p]
};

// What a system call that a signal ended shall do if no handler runs for it,
// and what if one does.  Kept until the return to user mode decides.
enum restart {
	RESTART_NONE,    // the call has its result
	RESTART_FLAGGED, // try again; after a handler only if it has SA_RESTART
	RESTART_ALWAYS,  // try again in any case (nothing has happened yet)
	RESTART_SILENT,  // try again; after a handler -EINTR
};

/*
 *   I  fixed when made
 *   a  atomic
 *   T  proc_tree_lock
 *   p  the process's lock
 *   o  the thread itself
 *   b  the thread itself writes, under the process's lock
 */
struct uthread {
	struct thread *thread;       // [I] referenced
	struct proc *proc;           // [I] referenced
	struct pid *pid;             // [T]
	int tid;                     // [o]
	struct list link;            // [p]
	bool attention;              // [a] look at p before going to user mode
	bool stopped;                // [p] counted in proc->stopped
	bool blocked_saved;          // [o] saved_blocked is to be restored
	sigset_t blocked;            // [b]
	sigset_t saved_blocked;      // [o] from before rt_sigsuspend()
	struct signal_queue pending; // [p] for this thread
	struct signal_entry fault;   // [p] the entry of a signal that it caused itself
	enum restart restart;        // [o]
	uint64_t restart_deadline;   // [o] ns since boot, for a sleep tried again; or 0
	uaddr_t clear_tid;           // [o] set to 0 when it ends (CLONE_CHILD_CLEARTID)
	uaddr_t set_tid;             // [o] gets its id when it starts
	bool out_of_memory;          // [o] a user copy failed for that
	uint64_t user_ticks;         // [o] timer interrupts in user mode
	uint64_t faults;             // [o]
};

extern struct spinlock proc_tree_lock;

// The current thread's user part and process; it must have one.
static inline struct uthread *
uthread_current(void)
{
	return thread_current()->user_data;
}

static inline struct proc *
proc_current(void)
{
	return uthread_current()->proc;
}

// A process by its id, with a reference, or NULL.  Zombies count.
struct proc *proc_find(int id);
// The same with the tree lock held, and no reference taken.
struct proc *proc_find_locked(int id);
// The process with the smallest id above id, with a reference, or NULL.
struct proc *proc_next(int id);

void proc_get(struct proc *p);
// Any context.
void proc_put(struct proc *p);

// A new process of this id without parent, group, threads or resources, alive,
// with one reference; nobody sees it yet.  NULL: out of memory.
struct proc *proc_alloc(struct pid *pid);

// The address space, descriptors and directories of any process, with a
// reference; NULL if it has ended.
struct space *proc_space_get(struct proc *p);
struct fdtable *proc_files_get(struct proc *p);

// Processes that are not gone.  The tree lock is held while fn runs.
void proc_for_each(void (*fn)(void *arg, struct proc *p), void *arg);
unsigned proc_count(void);

// What one thread has used so far; its process's lock, or the thread itself.
void uthread_usage(const struct uthread *ut, struct proc_usage *usage);
// What its threads have used so far.
void proc_usage_now(struct proc *p, struct proc_usage *usage);
void proc_usage_add(struct proc_usage *to, const struct proc_usage *what);

// Processes and the terminal.  Boot hart, once; nothing runs yet.
void proc_init(void);

// Make process 1 from the program at path, with the words after "--" on the
// kernel's command line as its arguments and the console, if there is one, as
// its standard input, output and error output.  Returns when the program has
// been loaded: 0 or the error.  In a thread; the root is mounted.
int proc_start_init(const char *path);

// The machine is about to be switched off: from now on process 1 may end.
void proc_expect_end(void);
bool proc_end_expected(void);
