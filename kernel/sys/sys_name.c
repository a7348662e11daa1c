// SPDX-License-Identifier: MIT
/*
 * System calls on names: open, link, rename, stat and their kin.
 */
#include "abi/errno.h"
#include "abi/limits.h"
#include "abi/mount.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "proc/fdtable.h"
#include "proc/proc.h"
#include "sched/clock.h"
#include "sys/path.h"
#include "sys/syscall_table.h"
#include "sys/times.h"
#include "vfs/dirops.h"
#include "vfs/mount.h"
#include "vm/usercopy.h"

#define TYPE_NAME_MAX 32

int64_t
sys_openat(int dirfd, uaddr_t path, uint64_t flags, uint32_t mode)
{
	struct fdtable *files = proc_current()->files;
	struct user_path p;
	struct file *f;

	int error = path_begin(&p, dirfd, path);
	if (error != 0)
		return error;
	// The descriptor first: an open that makes or cuts a file can't be undone.
	int fd = fdtable_reserve(files, 0);
	if (fd < 0) {
		error = fd;
		goto end;
	}
	error = dirops_open(&p.walk.ctx, p.string, (int)flags, mode & 07777, &f);
	if (error == 0)
		fdtable_install(files, fd, f, (flags & O_CLOEXEC) != 0);
	else
		fdtable_unreserve(files, fd);
end:
	path_end(&p);
	return error != 0 ? error : fd;
}

int64_t
sys_mknodat(int dirfd, uaddr_t path, uint32_t mode, uint32_t device)
{
	struct user_path p;

	int error = path_begin(&p, dirfd, path);
	if (error != 0)
		return error;
	if ((mode & S_IFMT) == 0)
		mode |= S_IFREG;
	error = dirops_mknod(&p.walk.ctx, p.string, mode, device);
	path_end(&p);
	return error;
}

int64_t
sys_mkdirat(int dirfd, uaddr_t path, uint32_t mode)
{
	struct user_path p;

	int error = path_begin(&p, dirfd, path);
	if (error != 0)
		return error;
	error = dirops_mkdir(&p.walk.ctx, p.string, mode & 01777);
	path_end(&p);
	return error;
}

int64_t
sys_unlinkat(int dirfd, uaddr_t path, uint64_t flags)
{
	struct user_path p;

	if (flags & ~(uint64_t)AT_REMOVEDIR)
		return -EINVAL;
	int error = path_begin(&p, dirfd, path);
	if (error != 0)
		return error;
	if (flags & AT_REMOVEDIR)
		error = dirops_rmdir(&p.walk.ctx, p.string);
	else
		error = dirops_unlink(&p.walk.ctx, p.string);
	path_end(&p);
	return error;
}

int64_t
sys_symlinkat(uaddr_t target, int dirfd, uaddr_t path)
{
	struct user_path t, p;

	int error = path_copy(&t, target);
	if (error != 0)
		return error;
	error = path_begin(&p, dirfd, path);
	if (error == 0) {
		error = dirops_symlink(&p.walk.ctx, t.string, p.string);
		path_end(&p);
	}
	path_free(&t);
	return error;
}

int64_t
sys_linkat(int old_dirfd, uaddr_t old_path, int new_dirfd, uaddr_t new_path, uint64_t flags)
{
	struct user_path from, to;

	if (flags & ~(uint64_t)AT_SYMLINK_FOLLOW)
		return -EINVAL;
	int error = path_begin(&from, old_dirfd, old_path);
	if (error != 0)
		return error;
	error = path_begin(&to, new_dirfd, new_path);
	if (error == 0) {
		error = dirops_link(&from.walk.ctx, from.string, &to.walk.ctx, to.string,
				    (flags & AT_SYMLINK_FOLLOW) != 0);
		path_end(&to);
	}
	path_end(&from);
	return error;
}

int64_t
sys_renameat2(int old_dirfd, uaddr_t old_path, int new_dirfd, uaddr_t new_path, uint64_t flags)
{
	struct user_path from, to;

	if (flags > UINT32_MAX)
		return -EINVAL;
	int error = path_begin(&from, old_dirfd, old_path);
	if (error != 0)
		return error;
	error = path_begin(&to, new_dirfd, new_path);
	if (error == 0) {
		error = dirops_rename(&from.walk.ctx, from.string, &to.walk.ctx, to.string,
				      (unsigned)flags);
		path_end(&to);
	}
	path_end(&from);
	return error;
}

int64_t
sys_truncate(uaddr_t path, int64_t length)
{
	struct user_path p;

	if (length < 0)
		return -EINVAL;
	int error = path_begin(&p, AT_FDCWD, path);
	if (error != 0)
		return error;
	error = dirops_truncate(&p.walk.ctx, p.string, (uint64_t)length);
	path_end(&p);
	return error;
}

// ---- Attributes --------------------------------------------------------------

static int
stat_path(int dirfd, uaddr_t path, uint64_t flags, struct stat *st)
{
	struct user_path p;

	int error = path_begin(&p, dirfd, path);
	if (error != 0)
		return error;
	if (p.string[0] == '\0' && (flags & AT_EMPTY_PATH))
		error = vnode_stat(p.walk.ctx.start, st);
	else
		error = dirops_stat(&p.walk.ctx, p.string,
				    flags & AT_SYMLINK_NOFOLLOW ? WALK_NOFOLLOW : 0, st);
	path_end(&p);
	return error;
}

int64_t
sys_newfstatat(int dirfd, uaddr_t path, uaddr_t stat, uint64_t flags)
{
	struct stat st;
	char first;

	if (flags & ~(uint64_t)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	// An empty path means the descriptor, which need not be a directory.
	if ((flags & AT_EMPTY_PATH) && dirfd != AT_FDCWD) {
		if (copy_in(&first, path, 1) != 0)
			return -EFAULT;
		if (first == '\0')
			return sys_fstat(dirfd, stat);
	}
	int error = stat_path(dirfd, path, flags, &st);
	return error != 0 ? error : copy_out(stat, &st, sizeof st);
}

int64_t
sys_faccessat(int dirfd, uaddr_t path, int mode)
{
	struct stat st;

	if (mode & ~(R_OK | W_OK | X_OK))
		return -EINVAL;
	int error = stat_path(dirfd, path, 0, &st);
	if (error != 0)
		return error;
	// Every process is the superuser's: all is allowed but to execute what
	// nobody may execute.
	bool executable = !S_ISREG(st.st_mode) || (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH));
	return (mode & X_OK) && !executable ? -EACCES : 0;
}

static int
change(int dirfd, uaddr_t path, uint64_t flags, const struct vnode_setattr *attributes)
{
	struct user_path p;

	int error = path_begin(&p, dirfd, path);
	if (error != 0)
		return error;
	error = dirops_setattr(&p.walk.ctx, p.string,
			       flags & AT_SYMLINK_NOFOLLOW ? WALK_NOFOLLOW : 0, attributes);
	path_end(&p);
	return error;
}

int64_t
sys_fchmodat(int dirfd, uaddr_t path, uint32_t mode)
{
	struct vnode_setattr attributes = { .set = SETATTR_MODE, .mode = mode & 07777 };

	return change(dirfd, path, 0, &attributes);
}

int64_t
sys_fchownat(int dirfd, uaddr_t path, uint32_t owner, uint32_t group, uint64_t flags)
{
	struct vnode_setattr attributes = { .owner = owner, .group = group };

	if (flags & ~(uint64_t)AT_SYMLINK_NOFOLLOW)
		return -EINVAL;
	// -1 leaves one as it is.
	attributes.set = (owner != UINT32_MAX ? SETATTR_OWNER : 0U) |
			 (group != UINT32_MAX ? SETATTR_GROUP : 0U);
	return change(dirfd, path, flags, &attributes);
}

static int
take_time(const struct timespec *given, unsigned bit, struct timespec *to, unsigned *set)
{
	if (given->tv_nsec == UTIME_OMIT)
		return 0;
	*set |= bit;
	if (given->tv_nsec == UTIME_NOW) {
		*to = times_from_ns(clock_realtime_ns());
		return 0;
	}
	*to = *given;
	return given->tv_nsec >= 0 && given->tv_nsec < NS_PER_SECOND ? 0 : -EINVAL;
}

int64_t
sys_utimensat(int dirfd, uaddr_t path, uaddr_t times, uint64_t flags)
{
	struct timespec given[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };
	struct vnode_setattr attributes = { 0 };

	if (flags & ~(uint64_t)AT_SYMLINK_NOFOLLOW)
		return -EINVAL;
	if (times != 0 && copy_in(given, times, sizeof given) != 0)
		return -EFAULT;
	int error = take_time(&given[0], SETATTR_ATIME, &attributes.atime, &attributes.set);
	if (error == 0)
		error = take_time(&given[1], SETATTR_MTIME, &attributes.mtime, &attributes.set);
	if (error != 0)
		return error;
	if (path != 0)
		return change(dirfd, path, flags, &attributes);

	// No path: the descriptor itself (futimens).
	struct file *f = fdtable_file(proc_current()->files, dirfd);
	if (f == NULL)
		return -EBADF;
	error = f->vnode != NULL ? vnode_set_attributes(f->vnode, &attributes) : -EINVAL;
	file_put(f);
	return error;
}

int64_t
sys_readlinkat(int dirfd, uaddr_t path, uaddr_t buffer, uint64_t length)
{
	struct user_path p;
	size_t n;

	if (length == 0)
		return -EINVAL;
	char *target = heap_alloc(PATH_MAX);
	if (target == NULL)
		return -ENOMEM;
	int error = path_begin(&p, dirfd, path);
	if (error != 0)
		goto free_target;
	error = dirops_readlink(&p.walk.ctx, p.string, target, PATH_MAX, &n);
	path_end(&p);
	if (error == 0) {
		n = n < length ? n : length;
		error = copy_out(buffer, target, n);
	}
free_target:
	heap_free(target);
	return error != 0 ? error : (int64_t)n;
}

// ---- Directories of the process ----------------------------------------------

int64_t
sys_getcwd(uaddr_t buffer, uint64_t length)
{
	struct proc_walk w;

	char *path = heap_alloc(PATH_MAX);
	if (path == NULL)
		return -ENOMEM;
	int error = proc_walk_begin(&w, AT_FDCWD, "");
	if (error == 0) {
		error = walk_directory_path(&w.ctx, w.ctx.start, path,
					    length < PATH_MAX ? length : PATH_MAX);
		proc_walk_end(&w);
	}
	uint64_t n = 0;
	if (error == 0) {
		while (path[n++] != '\0')
			;
		error = copy_out(buffer, path, n);
	}
	heap_free(path);
	return error != 0 ? error : (int64_t)n;
}

int64_t
sys_chdir(uaddr_t path)
{
	struct user_path p;
	struct vnode *dir;

	int error = path_begin(&p, AT_FDCWD, path);
	if (error != 0)
		return error;
	error = walk_path(&p.walk.ctx, p.string, WALK_DIRECTORY, &dir);
	path_end(&p);
	if (error != 0)
		return error;
	fs_context_set_cwd(proc_current()->fs, dir);
	vnode_put(dir);
	return 0;
}

int64_t
sys_fchdir(int fd)
{
	struct proc *p = proc_current();
	struct file *f = fdtable_file(p->files, fd);
	int error = 0;

	if (f == NULL)
		return -EBADF;
	if (f->vnode == NULL || f->vnode->type != VNODE_DIRECTORY)
		error = -ENOTDIR;
	else
		fs_context_set_cwd(p->fs, f->vnode);
	file_put(f);
	return error;
}

int64_t
sys_umask(uint32_t mask)
{
	return fs_context_set_umask(proc_current()->fs, mask);
}

// ---- Mounts ------------------------------------------------------------------

// What mount() says in flags, as far as we have it.
static int
mount_flags(uint64_t flags, unsigned *result)
{
	const uint64_t ignored =
		MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_SILENT;

	if (flags & ~(ignored | MS_RDONLY))
		return -EINVAL;
	*result = flags & MS_RDONLY ? MOUNT_READ_ONLY : 0;
	return 0;
}

// A disk is named by its serial or name, with or without "/dev/".
static const char *
device_name(const char *source)
{
	const char prefix[] = "/dev/";

	return strncmp(source, prefix, sizeof prefix - 1) == 0 ? source + sizeof prefix - 1
							       : source;
}

static int
mount_at(const char *source, uaddr_t target, const char *type, unsigned flags)
{
	struct user_path p;
	struct vnode *at;

	int error = path_begin(&p, AT_FDCWD, target);
	if (error != 0)
		return error;
	error = walk_path(&p.walk.ctx, p.string, WALK_DIRECTORY, &at);
	if (error == 0) {
		error = mount_add(type, source, at, p.string, flags);
		vnode_put(at);
	}
	path_end(&p);
	return error;
}

int64_t
sys_mount(uaddr_t source, uaddr_t target, uaddr_t type, uint64_t flags, uaddr_t data)
{
	struct user_path device;
	char name[TYPE_NAME_MAX];
	unsigned wanted;

	(void)data; // options of a file system's own: there are none
	int error = mount_flags(flags, &wanted);
	if (error != 0)
		return error;
	int64_t length = copy_in_string(name, type, sizeof name);
	if (length < 0)
		return length == -ENAMETOOLONG ? -ENODEV : length;
	if (source == 0)
		return mount_at("", target, name, wanted);
	error = path_copy(&device, source);
	if (error != 0)
		return error;
	error = mount_at(device_name(device.string), target, name, wanted);
	path_free(&device);
	return error;
}

int64_t
sys_umount2(uaddr_t target, uint64_t flags)
{
	struct user_path p;
	struct vnode *root;

	if (flags & ~(uint64_t)UMOUNT_NOFOLLOW)
		return -EINVAL;
	int error = path_begin(&p, AT_FDCWD, target);
	if (error != 0)
		return error;
	error = walk_path(&p.walk.ctx, p.string, flags & UMOUNT_NOFOLLOW ? WALK_NOFOLLOW : 0,
			  &root);
	if (error == 0) {
		error = mount_remove(root);
		vnode_put(root);
	}
	path_end(&p);
	return error;
}
