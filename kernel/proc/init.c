// SPDX-License-Identifier: MIT
/*
 * The start of everything that is a process: process 1.
 *
 * It begins as a thread without an image.  That thread opens the console and
 * loads the program like any execve(), then tells who waits for it in
 * proc_start_init() how that went.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "lib/bootargs.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "proc/args.h"
#include "proc/exec.h"
#include "proc/exit.h"
#include "proc/fdtable.h"
#include "proc/fscontext.h"
#include "proc/image.h"
#include "proc/pid.h"
#include "proc/proc_impl.h"
#include "proc/procinfo.h"
#include "proc/tty.h"
#include "sched/thread.h"
#include "vfs/dirops.h"
#include "vfs/mount.h"
#include "vm/space.h"

#define INIT_NAME    "init"
#define CONSOLE_PATH "/dev/console"
#define WORD_MAX     1024 // bytes of one of init's arguments

/*
 *   w  lock
 */
static struct {
	struct spinlock lock;
	struct waitqueue wait; // [w] proc_start_init()
	const char *path;      // fixed before the thread starts
	bool done;             // [w]
	int error;             // [w]
} start;

static struct lock_class start_class = LOCK_CLASS("start of init", RANK_WAIT);

static bool end_expected; // atomic

void
proc_init(void)
{
	pid_init();
	image_init();
	procinfo_init();
	spin_init(&start.lock, &start_class);
	waitqueue_init(&start.wait, "the start of init");
}

void
proc_expect_end(void)
{
	__atomic_store_n(&end_expected, true, __ATOMIC_RELEASE);
}

bool
proc_end_expected(void)
{
	return __atomic_load_n(&end_expected, __ATOMIC_ACQUIRE);
}

// Descriptors 0 to 2, if the root has a console.
static int
open_console(struct proc *p)
{
	struct proc_walk w;
	struct file *f;

	int error = proc_walk_begin(&w, AT_FDCWD, CONSOLE_PATH);
	if (error != 0)
		return error;
	error = dirops_open(&w.ctx, CONSOLE_PATH, O_RDWR | O_NOCTTY, 0, &f);
	proc_walk_end(&w);
	if (error != 0)
		return 0;
	for (int i = 0; i < 3 && error == 0; i++) {
		int fd = fdtable_reserve(p->files, 0);
		if (fd < 0) {
			error = fd;
			break;
		}
		file_get(f);
		fdtable_install(p->files, fd, f, false);
	}
	file_put(f);
	return error;
}

// argv of init: its path and the words after "--", split at spaces.
static int
add_words(struct args *a, const char *path)
{
	const char *s = bootargs_init_args();
	char word[WORD_MAX];

	int error = args_add(a, false, path);
	while (error == 0) {
		while (*s == ' ')
			s++;
		size_t n = 0;
		while (s[n] != '\0' && s[n] != ' ')
			n++;
		if (n == 0)
			break;
		if (n >= sizeof word)
			return -E2BIG;
		memcpy(word, s, n);
		word[n] = '\0';
		error = args_add(a, false, word);
		s += n;
	}
	return error;
}

static int
load_init(struct proc *p)
{
	struct args a;

	int error = open_console(p);
	if (error != 0)
		return error;
	args_init(&a);
	error = add_words(&a, start.path);
	if (error == 0)
		error = args_add(&a, true, "HOME=/");
	if (error == 0)
		error = args_add(&a, true, "TERM=linux");
	if (error == 0)
		error = args_add(&a, true, "PATH=/bin");
	if (error == 0)
		error = exec_program(start.path, &a);
	args_free(&a);
	return error;
}

static void
init_thread(void *arg)
{
	struct uthread *ut = arg;

	ut->proc->trace = bootargs_flag("strace"); // and so all its children
	int error = load_init(ut->proc);
	spin_lock(&start.lock);
	start.error = error;
	start.done = true;
	wake_all(&start.wait);
	spin_unlock(&start.lock);
	if (error != 0)
		exit_process(1);
	uthread_enter_user(ut);
}

static int
make_init(struct proc **out, struct uthread **ut)
{
	struct pid *pid;

	int error = pid_alloc(&pid);
	if (error != 0)
		return error;
	assert(pid->number == 1);
	struct proc *p = proc_alloc(pid);
	if (p == NULL)
		return -ENOMEM;
	struct vnode *root = mount_root_vnode();
	string_copy(p->name, INIT_NAME, sizeof p->name);
	p->files = fdtable_alloc();
	p->fs = fs_context_alloc(root);
	p->space = space_alloc();
	vnode_put(root);
	if (p->files == NULL || p->fs == NULL || p->space == NULL)
		return -ENOMEM;
	error = uthread_create(p, pid, INIT_NAME, init_thread, ut);
	if (error != 0)
		return error;
	space_get(p->space);
	space_set_thread((*ut)->thread, p->space);
	*out = p;
	return 0;
}

int
proc_start_init(const char *path)
{
	struct uthread *ut;
	struct proc *p;

	tty_init();
	start.path = path;
	// Nothing is undone on a failure: without process 1 there is nothing else.
	int error = make_init(&p, &ut);
	if (error != 0)
		return error;
	spin_lock(&proc_tree_lock);
	pid_set_group(p, p->pid);
	pid_set_session(p, p->pid);
	proc_publish(p);
	spin_lock(&p->lock);
	uthread_publish(ut);
	spin_unlock(&p->lock);
	spin_unlock(&proc_tree_lock);
	thread_start(ut->thread);
	proc_put(p);

	spin_lock(&start.lock);
	while (!start.done)
		sleep_on(&start.wait, &start.lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
	error = start.error;
	spin_unlock(&start.lock);
	return error;
}
