// SPDX-License-Identifier: MIT
/*
 * System calls on names (POSIX.1-2017; Linux where it has more).  All work is
 * vfs/dirops.c's; here are the programs' pointers and flags.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/mount.h"
#include "abi/sysmacros.h"
#include "arch/time.h"
#include "lib/math.h"
#include "mm/heap.h"
#include "proc/fdtable.h"
#include "proc/proc.h"
#include "sched/clock.h"
#include "sys/sys_impl.h"
#include "sys/syscall_table.h"
#include "vfs/dirops.h"
#include "vfs/mount.h"
#include "vm/usercopy.h"

static unsigned
walk_flags(uint64_t at_flags)
{
	return at_flags & AT_SYMLINK_NOFOLLOW ? WALK_NOFOLLOW : 0;
}

int64_t
sys_openat(int dirfd, uaddr_t path, uint64_t flags, uint32_t mode)
{
	struct fdtable *table = proc_current()->files;
	struct path_call c;
	struct file *f;

	int64_t error = path_call_begin(&c, dirfd, path);
	if (error != 0)
		return error;
	int fd = fdtable_reserve(table, 0);
	if (fd < 0) {
		path_call_end(&c);
		return fd;
	}
	error = dirops_open(&c.walk.ctx, c.path.text, (int)flags, mode & 07777, &f);
	path_call_end(&c);
	if (error != 0) {
		fdtable_unreserve(table, fd);
		return error;
	}
	fdtable_install(table, fd, f, (flags & O_CLOEXEC) != 0);
	return fd;
}

int64_t
sys_mknodat(int dirfd, uaddr_t path, uint32_t mode, uint32_t device)
{
	struct path_call c;

	int error = path_call_begin(&c, dirfd, path);
	if (error != 0)
		return error;
	error = dirops_mknod(&c.walk.ctx, c.path.text, mode, device);
	path_call_end(&c);
	return error;
}

int64_t
sys_mkdirat(int dirfd, uaddr_t path, uint32_t mode)
{
	struct path_call c;

	int error = path_call_begin(&c, dirfd, path);
	if (error != 0)
		return error;
	error = dirops_mkdir(&c.walk.ctx, c.path.text, mode & 07777);
	path_call_end(&c);
	return error;
}

int64_t
sys_unlinkat(int dirfd, uaddr_t path, uint64_t flags)
{
	struct path_call c;

	if (flags & ~(uint64_t)AT_REMOVEDIR)
		return -EINVAL;
	int error = path_call_begin(&c, dirfd, path);
	if (error != 0)
		return error;
	if (flags & AT_REMOVEDIR)
		error = dirops_rmdir(&c.walk.ctx, c.path.text);
	else
		error = dirops_unlink(&c.walk.ctx, c.path.text);
	path_call_end(&c);
	return error;
}

int64_t
sys_symlinkat(uaddr_t target, int dirfd, uaddr_t path)
{
	struct user_path to;
	struct path_call c;

	int error = user_path_get(&to, target);
	if (error != 0)
		return error;
	error = path_call_begin(&c, dirfd, path);
	if (error == 0) {
		error = dirops_symlink(&c.walk.ctx, to.text, c.path.text);
		path_call_end(&c);
	}
	user_path_put(&to);
	return error;
}

int64_t
sys_linkat(int old_dirfd, uaddr_t old_path, int new_dirfd, uaddr_t new_path, uint64_t flags)
{
	struct path_call old, new;

	if (flags & ~(uint64_t)AT_SYMLINK_FOLLOW)
		return -EINVAL;
	int error = path_call_begin(&old, old_dirfd, old_path);
	if (error != 0)
		return error;
	error = path_call_begin(&new, new_dirfd, new_path);
	if (error == 0) {
		error = dirops_link(&old.walk.ctx, old.path.text, &new.walk.ctx, new.path.text,
				    (flags & AT_SYMLINK_FOLLOW) != 0);
		path_call_end(&new);
	}
	path_call_end(&old);
	return error;
}

int64_t
sys_renameat2(int old_dirfd, uaddr_t old_path, int new_dirfd, uaddr_t new_path, uint64_t flags)
{
	struct path_call old, new;

	int error = path_call_begin(&old, old_dirfd, old_path);
	if (error != 0)
		return error;
	error = path_call_begin(&new, new_dirfd, new_path);
	if (error == 0) {
		error = dirops_rename(&old.walk.ctx, old.path.text, &new.walk.ctx, new.path.text,
				      (unsigned)flags);
		path_call_end(&new);
	}
	path_call_end(&old);
	return error;
}

int64_t
sys_truncate(uaddr_t path, int64_t length)
{
	struct path_call c;

	if (length < 0)
		return -EINVAL;
	int error = path_call_begin(&c, AT_FDCWD, path);
	if (error != 0)
		return error;
	error = dirops_truncate(&c.walk.ctx, c.path.text, (uint64_t)length);
	path_call_end(&c);
	return error;
}

// ---- Attributes --------------------------------------------------------------

int64_t
sys_newfstatat(int dirfd, uaddr_t path, uaddr_t address, uint64_t flags)
{
	struct path_call c;
	struct stat st;

	if (flags & ~(uint64_t)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	int error = path_call_begin(&c, dirfd, path);
	if (error != 0)
		return error;
	bool descriptor = (flags & AT_EMPTY_PATH) && c.path.text[0] == '\0' && dirfd != AT_FDCWD;
	if (!descriptor)
		error = dirops_stat(&c.walk.ctx, c.path.text[0] == '\0' && (flags & AT_EMPTY_PATH) ?
					    "." : c.path.text,
				    walk_flags(flags), &st);
	path_call_end(&c);
	if (descriptor)
		return sys_fstat(dirfd, address);
	return error != 0 ? error : copy_out(address, &st, sizeof st);
}

// Everybody is the superuser: what exists may be read and written, and run if
// anybody may (access(2)).
int64_t
sys_faccessat(int dirfd, uaddr_t path, int mode)
{
	struct path_call c;
	struct stat st;

	if (mode & ~(R_OK | W_OK | X_OK))
		return -EINVAL;
	int error = path_call_begin(&c, dirfd, path);
	if (error != 0)
		return error;
	error = dirops_stat(&c.walk.ctx, c.path.text, 0, &st);
	path_call_end(&c);
	if (error != 0)
		return error;
	return (mode & X_OK) && !S_ISDIR(st.st_mode) && (st.st_mode & 0111) == 0 ? -EACCES : 0;
}

static int
set_attributes(int dirfd, uaddr_t path, unsigned flags, const struct vnode_setattr *change)
{
	struct path_call c;

	int error = path_call_begin(&c, dirfd, path);
	if (error != 0)
		return error;
	error = dirops_setattr(&c.walk.ctx, c.path.text, flags, change);
	path_call_end(&c);
	return error;
}

int64_t
sys_fchmodat(int dirfd, uaddr_t path, uint32_t mode)
{
	struct vnode_setattr change = { .set = SETATTR_MODE, .mode = mode & 07777 };
	return set_attributes(dirfd, path, 0, &change);
}

int64_t
sys_fchownat(int dirfd, uaddr_t path, uint32_t owner, uint32_t group, uint64_t flags)
{
	struct vnode_setattr change = {
		.set = (owner != UINT32_MAX ? SETATTR_OWNER : 0) |
		       (group != UINT32_MAX ? SETATTR_GROUP : 0),
		.owner = owner,
		.group = group,
	};

	if (flags & ~(uint64_t)AT_SYMLINK_NOFOLLOW)
		return -EINVAL;
	return set_attributes(dirfd, path, walk_flags(flags), &change);
}

// One of utimensat's two times: now, left as it is, or given.
static int
time_change(struct vnode_setattr *change, unsigned which, struct timespec *to,
	    const struct timespec *given, const struct timespec *now)
{
	if (given->tv_nsec == UTIME_OMIT)
		return 0;
	change->set |= which;
	if (given->tv_nsec == UTIME_NOW)
		*to = *now;
	else if (given->tv_nsec < 0 || given->tv_nsec >= (long)NS_PER_SEC)
		return -EINVAL;
	else
		*to = *given;
	return 0;
}

int64_t
sys_utimensat(int dirfd, uaddr_t path, uaddr_t times, uint64_t flags)
{
	struct vnode_setattr change = { .set = 0 };
	struct timespec given[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };
	uint64_t ns = clock_realtime_ns();
	struct timespec now = { (time_t)(ns / NS_PER_SEC), (long)(ns % NS_PER_SEC) };

	if (flags & ~(uint64_t)AT_SYMLINK_NOFOLLOW)
		return -EINVAL;
	int error = times != 0 ? copy_in(given, times, sizeof given) : 0;
	if (error == 0)
		error = time_change(&change, SETATTR_ATIME, &change.atime, &given[0], &now);
	if (error == 0)
		error = time_change(&change, SETATTR_MTIME, &change.mtime, &given[1], &now);
	if (error != 0)
		return error;
	if (path != 0)
		return set_attributes(dirfd, path, walk_flags(flags), &change);
	struct file *f = fdtable_file(proc_current()->files, dirfd); // futimens(3)
	if (f == NULL)
		return -EBADF;
	error = f->vnode != NULL ? vnode_set_attributes(f->vnode, &change) : -EINVAL;
	file_put(f);
	return error;
}

int64_t
sys_readlinkat(int dirfd, uaddr_t path, uaddr_t buffer, uint64_t size)
{
	struct path_call c;
	size_t length = 0;

	if (size == 0 || size > INT32_MAX)
		return -EINVAL;
	int error = path_call_begin(&c, dirfd, path);
	if (error != 0)
		return error;
	char *text = heap_alloc(PATH_MAX);
	error = text == NULL ? -ENOMEM :
			       dirops_readlink(&c.walk.ctx, c.path.text, text, PATH_MAX, &length);
	length = MIN(length, size);
	if (error == 0)
		error = copy_out(buffer, text, length);
	heap_free(text);
	path_call_end(&c);
	return error != 0 ? error : (int64_t)length;
}

// ---- Directories of the process ----------------------------------------------

int64_t
sys_chdir(uaddr_t path)
{
	struct path_call c;
	struct vnode *dir;

	int error = path_call_begin(&c, AT_FDCWD, path);
	if (error != 0)
		return error;
	error = walk_path(&c.walk.ctx, c.path.text, WALK_DIRECTORY, &dir);
	path_call_end(&c);
	if (error != 0)
		return error;
	fs_context_set_cwd(proc_current()->fs, dir);
	vnode_put(dir);
	return 0;
}

int64_t
sys_fchdir(int fd)
{
	struct file *f = fdtable_file(proc_current()->files, fd);

	if (f == NULL)
		return -EBADF;
	int error = f->vnode == NULL || f->vnode->type != VNODE_DIRECTORY ? -ENOTDIR : 0;
	if (error == 0)
		fs_context_set_cwd(proc_current()->fs, f->vnode);
	file_put(f);
	return error;
}

// The result is the length with the NUL, as Linux's call has it.
int64_t
sys_getcwd(uaddr_t buffer, uint64_t size)
{
	struct proc_walk w;

	char *text = heap_alloc(PATH_MAX);
	if (text == NULL)
		return -ENOMEM;
	int64_t result = proc_walk_begin(&w, AT_FDCWD, ".");
	if (result == 0) {
		result = walk_directory_path(&w.ctx, w.ctx.start, text, MIN(size, PATH_MAX));
		proc_walk_end(&w);
	}
	if (result == 0) {
		uint64_t n = 0;
		while (text[n++] != '\0')
			;
		result = copy_out(buffer, text, n);
		if (result == 0)
			result = (int64_t)n;
	}
	heap_free(text);
	return result;
}

int64_t
sys_umask(uint32_t mask)
{
	return fs_context_set_umask(proc_current()->fs, mask);
}

// ---- Mounts ------------------------------------------------------------------

// "" if address is 0.
static int
string_in(char *to, uaddr_t address, uint64_t size)
{
	to[0] = '\0';
	int64_t n = address != 0 ? copy_in_string(to, address, size) : 0;
	return n == -ENAMETOOLONG ? -EINVAL : (int)MIN(n, 0);
}

// A disk is named by its serial or name, with or without "/dev/".
static const char *
device_name(const char *source)
{
	static const char prefix[] = "/dev/";
	size_t i = 0;

	while (prefix[i] != '\0' && source[i] == prefix[i])
		i++;
	return prefix[i] == '\0' ? source + i : source;
}

int64_t
sys_mount(uaddr_t source, uaddr_t target, uaddr_t type, uint64_t flags, uaddr_t data)
{
	char from[64], kind[16];
	struct path_call c;
	struct vnode *at;

	(void)data;
	int error = string_in(from, source, sizeof from);
	if (error == 0)
		error = string_in(kind, type, sizeof kind);
	if (error == 0)
		error = path_call_begin(&c, AT_FDCWD, target);
	if (error != 0)
		return error;
	error = walk_path(&c.walk.ctx, c.path.text, WALK_DIRECTORY, &at);
	if (error == 0) {
		error = mount_add(kind, device_name(from), at, c.path.text,
				  flags & MS_RDONLY ? MOUNT_READ_ONLY : 0);
		vnode_put(at);
	}
	path_call_end(&c);
	return error;
}

int64_t
sys_umount2(uaddr_t target, uint64_t flags)
{
	struct path_call c;
	struct vnode *root;

	if (flags != 0)
		return -EINVAL;
	int error = path_call_begin(&c, AT_FDCWD, target);
	if (error != 0)
		return error;
	error = walk_path(&c.walk.ctx, c.path.text, WALK_DIRECTORY, &root);
	path_call_end(&c);
	if (error != 0)
		return error;
	error = mount_remove(root);
	vnode_put(root);
	return error;
}
