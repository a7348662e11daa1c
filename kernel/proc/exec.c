// SPDX-License-Identifier: MIT
/*
 * Replacing a process's image (proc/exec.h).
 *
 *   1. The file is opened and checked whole; a script leads to its interpreter.
 *   2. The new image is built in a space of its own, which the current thread
 *      uses meanwhile as its own; the other threads still run in the old one.
 *      Whatever fails up to here puts the old space back.
 *   3. The other threads end; only being ended itself can fail this.  Then, if
 *      the descriptors are shared with another process, a copy of them is made;
 *      without memory for it the old image goes on, as one thread.
 *   4. The rest can't fail: the old space goes, descriptors close, handlers
 *      are reset, the frame starts the new program.
 */
#include "proc/exec.h"

#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/limits.h"
#include "arch/hart.h"
#include "arch/trap.h"
#include "lib/kstat.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "proc/args.h"
#include "proc/elf.h"
#include "proc/fdtable.h"
#include "proc/fscontext.h"
#include "proc/image.h"
#include "proc/pid.h"
#include "proc/proc_impl.h"
#include "sched/thread.h"
#include "vfs/dirops.h"
#include "vm/space.h"

#define SCRIPT_LINE  256 // of a script's first line, more is cut (as on Linux)
#define SCRIPT_DEPTH 4   // scripts whose interpreters are scripts
#define CMDLINE_MAX  4096

_Static_assert(ELF_PHDRS_MAX * sizeof(Elf64_Phdr) <= PAGE_SIZE, "headers fit a page");

// ---- Finding the program -----------------------------------------------------

static int
open_program(const char *path, struct file **out)
{
	struct proc_walk w;
	struct stat st;

	int error = proc_walk_begin(&w, AT_FDCWD, path);
	if (error != 0)
		return error;
	error = dirops_open(&w.ctx, path, O_RDONLY | O_NONBLOCK, 0, out);
	proc_walk_end(&w);
	if (error != 0)
		return error;
	error = file_stat(*out, &st);
	if (error == 0 && (!S_ISREG(st.st_mode) || !(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH))))
		error = -EACCES;
	if (error != 0)
		file_put(*out);
	return error;
}

// Up to size bytes at offset; *done gets how many there were.
static int
read_at(struct file *f, uint64_t offset, void *to, uint64_t size, uint64_t *done)
{
	return vnode_read_kernel(f->vnode, to, size, offset, done);
}

static char *
skip_blanks(char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/*
 * Take "#! interpreter [argument]" apart.  line has length bytes and room for a
 * NUL.  The argument is the rest of the line, blanks inside included.  False:
 * there is no interpreter.
 */
static bool
parse_script(char *line, uint64_t length, char **interpreter, char **argument)
{
	line[length] = '\0';
	char *end = strchr(line, '\n');
	if (end == NULL)
		end = line + strlen(line);
	while (end > line + 2 && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	*end = '\0';
	*interpreter = skip_blanks(line + 2);
	*argument = *interpreter;
	while (**argument != '\0' && **argument != ' ' && **argument != '\t')
		++*argument;
	if (**argument == '\0') {
		*argument = NULL;
	} else {
		**argument = '\0';
		*argument = skip_blanks(*argument + 1);
	}
	return **interpreter != '\0';
}

/*
 * Open the program behind path.  A script's interpreter takes its place, in
 * path as in the arguments.  path has PATH_MAX bytes.
 */
static int
find_program(char *path, struct args *a, struct file **out)
{
	char line[SCRIPT_LINE + 1];
	char *interpreter, *argument;
	uint64_t length;

	for (unsigned depth = 0; depth <= SCRIPT_DEPTH; depth++) {
		int error = open_program(path, out);
		if (error != 0)
			return error;
		error = read_at(*out, 0, line, SCRIPT_LINE, &length);
		if (error == 0 && (length < 2 || line[0] != '#' || line[1] != '!'))
			return 0;
		file_put(*out);
		if (error == 0 && !parse_script(line, length, &interpreter, &argument))
			error = -ENOEXEC;
		if (error == 0)
			error = args_add_interpreter(a, path, interpreter, argument);
		if (error != 0)
			return error;
		string_copy(path, interpreter, PATH_MAX);
	}
	return -ELOOP;
}

static int
read_elf(struct file *f, const char *path, struct elf_image *image)
{
	const char *why = NULL;
	uint64_t done;
	Elf64_Ehdr header;
	struct stat st;

	int error = file_stat(f, &st);
	if (error == 0)
		error = read_at(f, 0, &header, sizeof header, &done);
	if (error != 0)
		return error;
	uint64_t size = (uint64_t)st.st_size;
	error = elf_check_header(&header, done < sizeof header ? 0 : size, &why);
	if (error != 0)
		goto refused;
	Elf64_Phdr *phdr = heap_alloc(PAGE_SIZE);
	if (phdr == NULL)
		return -ENOMEM;
	uint64_t bytes = header.e_phnum * sizeof *phdr;
	error = read_at(f, header.e_phoff, phdr, bytes, &done);
	if (error == 0)
		error = done == bytes ? elf_check(&header, phdr, size, image, &why) : -ENOEXEC;
	heap_free(phdr);
refused:
	if (error == -ENOEXEC && why != NULL)
		print_debug("%s: %s", path, why);
	return error;
}

// ---- The point of no return --------------------------------------------------

// End all other threads.  Fails if the process ends, or another thread was
// faster: then this one ends as well.
static int
become_alone(struct proc *p, struct uthread *ut)
{
	int error = 0;

	spin_lock(&p->lock);
	if (signal_must_end(ut)) {
		error = -EINTR;
	} else if (p->nthreads > 1) {
		p->exec_owner = ut;
		signal_notify_others(p, ut);
		while (p->nthreads > 1)
			sleep_on(&p->exec_wait, &p->lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
		p->exec_owner = NULL;
		if (p->exiting)
			error = -EINTR;
	}
	spin_unlock(&p->lock);
	return error;
}

// The one thread that is left is called by the process's number from now on.
static void
take_number(struct proc *p, struct uthread *ut)
{
	spin_lock(&proc_tree_lock);
	p->did_exec = true;
	if (ut->pid != p->pid) {
		ut->pid->thread = NULL;
		pid_unuse(ut->pid);
		pid_use(p->pid);
		p->pid->thread = ut;
		ut->pid = p->pid;
		ut->tid = p->id;
		ut->thread->arch.id = p->id;
	}
	spin_unlock(&proc_tree_lock);
}

// Descriptors that were shared with another process are this one's own now.
// No other thread is there to use the old table meanwhile.
static int
unshare_files(struct proc *p)
{
	if (!fdtable_shared(p->files))
		return 0;
	struct fdtable *copy = fdtable_copy(p->files);
	if (copy == NULL)
		return -ENOMEM;
	spin_lock(&p->lock);
	struct fdtable *old = p->files;
	p->files = copy;
	spin_unlock(&p->lock);
	fdtable_put(old);
	return 0;
}

static void
set_names(struct proc *p, struct thread *t, const char *path, char *cmdline, size_t size)
{
	const char *slash = strrchr(path, '/');

	spin_lock(&p->lock);
	char *old = p->cmdline;
	p->cmdline = cmdline;
	p->cmdline_size = size;
	string_copy(p->name, slash != NULL ? slash + 1 : path, sizeof p->name);
	string_copy(t->arch.name, p->name, sizeof t->arch.name);
	spin_unlock(&p->lock);
	heap_free(old);
}

static void
start_frame(uaddr_t entry, uaddr_t sp)
{
	struct trapframe *tf = trapframe_of(arch_current());

	memset(tf->x, 0, sizeof tf->x);
	tf->x[TF_SP] = sp;
	tf->epc = entry;
	fpu_reset_current();
}

// The thread uses the new space already; old is what it had.
static void
commit(struct proc *p, struct uthread *ut, struct space *old)
{
	struct space *new = space_current();

	space_get(new);
	spin_lock(&p->lock);
	struct space *shared = p->space;
	p->space = new;
	spin_unlock(&p->lock);
	if (shared != NULL)
		space_put(shared);
	if (old != NULL)
		space_put(old);
	take_number(p, ut);
	signal_reset_handlers(p);
	ut->clear_tid = 0;
	ut->restart_deadline = 0;
	fdtable_close_on_exec(p->files);
	vfork_release(p);
	kstat_inc(KSTAT_EXECS);
}

// Build the new image and, if that succeeds, let it be the process's.
static int
replace_image(struct file *f, const struct elf_image *image, const struct args *a, const char *path)
{
	struct uthread *ut = uthread_current();
	struct proc *p = ut->proc;
	uaddr_t sp;

	struct space *new = space_alloc();
	if (new == NULL)
		return -ENOMEM;
	size_t size = 0;
	char *cmdline = args_copy_argv(a, CMDLINE_MAX, &size);
	struct space *old = space_set_current(new);
	int error = cmdline != NULL ? image_load(f, image, a, path, &sp) : -ENOMEM;
	if (error == 0)
		error = become_alone(p, ut);
	if (error == 0)
		error = unshare_files(p);
	if (error != 0) {
		space_set_current(old);
		space_put(new);
		heap_free(cmdline);
		return error;
	}
	commit(p, ut, old);
	set_names(p, ut->thread, path, cmdline, size);
	start_frame(image->entry, sp);
	return 0;
}

int
exec_program(const char *path, struct args *a)
{
	struct elf_image image;
	struct file *f;

	char *program = heap_alloc(PATH_MAX);
	if (program == NULL)
		return -ENOMEM;
	int error = string_copy(program, path, PATH_MAX);
	if (error == 0)
		error = find_program(program, a, &f);
	if (error != 0)
		goto free_path;
	error = read_elf(f, program, &image);
	if (error == 0)
		error = replace_image(f, &image, a, path);
	file_put(f);
free_path:
	heap_free(program);
	return error;
}
