// SPDX-License-Identifier: MIT
/*
 * procfs: what the kernel tells of itself, as files.
 *
 * It knows no processes: files and process files are what others registered
 * (vfs/pseudo.h), and which processes there are is asked anew each time.  So names
 * come and go by themselves, and a directory of a process that has gone answers
 * -ESRCH from its files.
 *
 * A vnode's number says what it is: the root, "self", file i (FILE + i), or for
 * process p the number p << PID_SHIFT: its directory, or with i + 1 below that
 * its file i.
 *
 * A file's text is made when it is read from its start and kept with the open
 * file, so that a reader in small pieces sees one state.  It is made without any
 * vnode's lock: what is told of may want such locks itself.
 */
#include "fs/fs.h"

#include "abi/errno.h"
#include "abi/limits.h"
#include "arch/time.h"
#include "fs/procfs_impl.h"
#include "lib/math.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "sched/clock.h"
#include "vfs/file.h"
#include "vfs/mount.h"
#include "vfs/pseudo_text.h"

#define ROOT      UINT64_C(1)
#define SELF      UINT64_C(2)
#define FILE      UINT64_C(0x100)
#define PID_SHIFT 16

// Cookies of readdir, behind those of "." and "..".
#define COOKIE_DOT_DOT UINT64_C(1)
#define COOKIE_SELF    UINT64_C(2)
#define COOKIE_FILE    UINT64_C(3)
#define COOKIE_PID     (UINT64_C(1) << 32)

#define MAGIC 0x9fa0 // Linux's (include/uapi/linux/magic.h)

#define PID_DIGITS 12

static int
pid_of(const struct vnode *v)
{
	return (int)(v->number >> PID_SHIFT);
}

static uint64_t
pid_number(int pid)
{
	return (uint64_t)pid << PID_SHIFT;
}

static bool
pid_exists(int pid)
{
	return pid > 0 && pseudo_next_pid(pid - 1) == pid;
}

static bool
name_is(const char *name, size_t length, const char *other)
{
	return strlen(other) == length && memcmp(name, other, length) == 0;
}

// ---- The root ----------------------------------------------------------------

// A name that is a process id, as it would be written; or 0.
static int
parse_pid(const char *name, size_t length)
{
	int64_t pid = 0;

	if (length == 0 || length > 9 || name[0] == '0')
		return 0;
	for (size_t i = 0; i < length; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		pid = pid * 10 + (name[i] - '0');
	}
	return (int)pid;
}

static int
root_lookup(struct vnode *dir, const char *name, size_t length, uint64_t *number)
{
	(void)dir;
	for (struct pseudo_file *f = pseudo_files(); f != NULL; f = f->next) {
		if (name_is(name, length, f->name)) {
			*number = FILE + f->index;
			return 0;
		}
	}
	if (name_is(name, length, "self") && pseudo_self_pid() != 0) {
		*number = SELF;
		return 0;
	}
	int pid = parse_pid(name, length);
	if (!pid_exists(pid))
		return -ENOENT;
	*number = pid_number(pid);
	return 0;
}

// "." and "..".  False: the buffer is full.
static bool
emit_dots(uint64_t *cookie, uint64_t self, readdir_emit_fn emit, void *arg)
{
	for (; *cookie <= COOKIE_DOT_DOT; ++*cookie) {
		size_t length = (size_t)*cookie + 1;
		if (!emit(arg, "..", length, *cookie == 0 ? self : ROOT, VNODE_DIRECTORY,
			  *cookie + 1))
			return false;
	}
	return true;
}

static bool
emit_files(uint64_t *cookie, readdir_emit_fn emit, void *arg)
{
	if (*cookie == COOKIE_SELF) {
		if (pseudo_self_pid() != 0 &&
		    !emit(arg, "self", 4, SELF, VNODE_SYMLINK, COOKIE_FILE))
			return false;
		*cookie = COOKIE_FILE;
	}
	for (struct pseudo_file *f = pseudo_files(); f != NULL; f = f->next) {
		uint64_t own = COOKIE_FILE + f->index;
		if (own < *cookie)
			continue;
		if (!emit(arg, f->name, strlen(f->name), FILE + f->index, VNODE_REGULAR, own + 1))
			return false;
		*cookie = own + 1;
	}
	return true;
}

static int
root_readdir(struct vnode *dir, uint64_t *cookie, readdir_emit_fn emit, void *arg)
{
	char name[PID_DIGITS];
	int pid;

	if (!emit_dots(cookie, dir->number, emit, arg))
		return 0;
	if (*cookie < COOKIE_PID) {
		if (!emit_files(cookie, emit, arg))
			return 0;
		*cookie = COOKIE_PID;
	}
	while ((pid = pseudo_next_pid((int)(*cookie - COOKIE_PID))) != 0) {
		int length = format_string(name, sizeof name, "%d", pid);
		uint64_t next = COOKIE_PID + (uint64_t)pid;
		if (!emit(arg, name, (size_t)length, pid_number(pid), VNODE_DIRECTORY, next))
			break;
		*cookie = next;
	}
	return 0;
}

static int
self_readlink(struct vnode *v, char *to, size_t size, size_t *length)
{
	char name[PID_DIGITS];
	int pid = pseudo_self_pid();

	(void)v;
	if (pid == 0)
		return -ENOENT;
	*length = MIN((size_t)format_string(name, sizeof name, "%d", pid), size);
	memcpy(to, name, *length);
	return 0;
}

// ---- Directories of processes ------------------------------------------------

static int
pid_lookup(struct vnode *dir, const char *name, size_t length, uint64_t *number)
{
	if (name_is(name, length, "..")) {
		*number = ROOT;
		return 0;
	}
	if (!pid_exists(pid_of(dir)))
		return -ENOENT;
	for (struct pseudo_process_file *f = pseudo_process_files(); f != NULL; f = f->next) {
		if (name_is(name, length, f->name)) {
			*number = dir->number + f->index + 1;
			return 0;
		}
	}
	return -ENOENT;
}

static int
pid_readdir(struct vnode *dir, uint64_t *cookie, readdir_emit_fn emit, void *arg)
{
	if (!pid_exists(pid_of(dir)))
		return -ENOENT;
	if (!emit_dots(cookie, dir->number, emit, arg))
		return 0;
	for (struct pseudo_process_file *f = pseudo_process_files(); f != NULL; f = f->next) {
		uint64_t own = COOKIE_SELF + f->index;
		if (own < *cookie)
			continue;
		if (!emit(arg, f->name, strlen(f->name), dir->number + f->index + 1, VNODE_REGULAR,
			  own + 1))
			return 0;
		*cookie = own + 1;
	}
	return 0;
}

// ---- Files -------------------------------------------------------------------

// An open file: who makes its text, and the text once it was read.
struct reader {
	const struct pseudo_file *file;
	const struct pseudo_process_file *process_file; // or this one, of pid
	int pid;
	bool made;
	struct pseudo_text text;
};

static int
make_text(struct reader *r)
{
	int error;

	pseudo_clear(&r->text);
	if (r->file != NULL)
		error = r->file->generate(&r->text);
	else
		error = r->process_file->generate(&r->text, r->pid);
	if (error == 0)
		error = r->text.error;
	r->made = error == 0;
	return error;
}

static int
text_read(struct file *f, struct uio *uio)
{
	struct reader *r = f->data;

	if (uio->offset == 0 || !r->made) {
		int error = make_text(r);
		if (error != 0)
			return error;
	}
	if (uio->offset >= r->text.length)
		return 0;
	return uio_copy(uio, r->text.bytes + uio->offset, r->text.length - uio->offset);
}

static int
text_seek(struct file *f, int64_t offset, int whence, uint64_t *result)
{
	const struct reader *r = f->data;

	return file_seek_sized(f, offset, whence, r->text.length, result);
}

static void
text_close(struct file *f)
{
	struct reader *r = f->data;

	pseudo_clear(&r->text);
	heap_free(r);
}

static const struct file_ops text_ops = {
	.name = "proc",
	.read = text_read,
	.seek = text_seek,
	.close = text_close,
	.positioned = true,
};

static int
text_open(struct vnode *v, struct file *f)
{
	struct reader *r = heap_zalloc(sizeof *r);

	if (r == NULL)
		return -ENOMEM;
	r->pid = pid_of(v);
	if (r->pid == 0) {
		r->file = pseudo_files();
		while (FILE + r->file->index != v->number)
			r->file = r->file->next;
	} else {
		r->process_file = pseudo_process_files();
		while (pid_number(r->pid) + r->process_file->index + 1 != v->number)
			r->process_file = r->process_file->next;
	}
	f->data = r;
	f->ops = &text_ops;
	return 0;
}

// ---- Nodes -------------------------------------------------------------------

static int
procfs_getattr(struct vnode *v, struct stat *st)
{
	uint64_t now = clock_realtime_ns();

	if (v->type == VNODE_DIRECTORY)
		st->st_mode = 0555;
	else
		st->st_mode = v->type == VNODE_SYMLINK ? 0777 : 0444;
	st->st_mtim.tv_sec = (time_t)(now / NS_PER_SEC);
	st->st_mtim.tv_nsec = (int64_t)(now % NS_PER_SEC);
	st->st_atim = st->st_mtim;
	st->st_ctim = st->st_mtim;
	return 0;
}

static const struct vnode_ops root_ops = {
	.lookup = root_lookup,
	.readdir = root_readdir,
	.getattr = procfs_getattr,
};

static const struct vnode_ops pid_ops = {
	.lookup = pid_lookup,
	.readdir = pid_readdir,
	.getattr = procfs_getattr,
};

static const struct vnode_ops self_ops = {
	.readlink = self_readlink,
	.getattr = procfs_getattr,
};

static const struct vnode_ops file_ops = {
	.open = text_open,
	.getattr = procfs_getattr,
};

static int
procfs_load(struct mount *m, struct vnode *v)
{
	(void)m;
	v->links = 1;
	if (v->number == SELF) {
		v->type = VNODE_SYMLINK;
		v->ops = &self_ops;
	} else if (v->number == ROOT || v->number == pid_number(pid_of(v))) {
		v->type = VNODE_DIRECTORY;
		v->ops = v->number == ROOT ? &root_ops : &pid_ops;
		v->links = 2;
	} else {
		v->type = VNODE_REGULAR;
		v->ops = &file_ops;
	}
	return 0;
}

// ---- The file system ---------------------------------------------------------

static int
procfs_mount(struct mount *m, const char *source, const char *options)
{
	(void)source;
	(void)options;
	m->root_number = ROOT;
	m->flags |= MOUNT_READ_ONLY | MOUNT_NAMES_VOLATILE;
	return 0;
}

static void
procfs_unmount(struct mount *m)
{
	(void)m;
}

static int
procfs_statfs(struct mount *m, struct statfs_info *info)
{
	(void)m;
	*info = (struct statfs_info){ .magic = MAGIC, .block_size = 4096, .name_max = NAME_MAX };
	return 0;
}

static struct fs_type procfs_type = {
	.name = "proc",
	.mount = procfs_mount,
	.unmount = procfs_unmount,
	.load = procfs_load,
	.statfs = procfs_statfs,
};

void
procfs_register(void)
{
	fs_type_register(&procfs_type);
	procfs_register_files();
}
