// SPDX-License-Identifier: MIT
/*
 * Operations on names: everything that holds more than one vnode.
 * POSIX.1-2017's errors; Linux's where POSIX leaves a choice.
 */
#pragma once

#include "vfs/file.h"
#include "vfs/walk.h"

// open(2): flags O_*, mode for a new file.  *out gets a file with one reference.
int dirops_open(const struct walk_context *ctx, const char *path, int flags, uint32_t mode,
		struct file **out);
int dirops_mknod(const struct walk_context *ctx, const char *path, uint32_t mode, uint64_t device);
int dirops_mkdir(const struct walk_context *ctx, const char *path, uint32_t mode);
int dirops_unlink(const struct walk_context *ctx, const char *path);
int dirops_rmdir(const struct walk_context *ctx, const char *path);
int dirops_symlink(const struct walk_context *ctx, const char *target, const char *path);
// ctx of the old and the new path; follow: the old path's last symbolic link.
int dirops_link(const struct walk_context *old_ctx, const char *old_path,
		const struct walk_context *new_ctx, const char *new_path, bool follow);
// flags: RENAME_NOREPLACE; others are -EINVAL.
int dirops_rename(const struct walk_context *old_ctx, const char *old_path,
		  const struct walk_context *new_ctx, const char *new_path, unsigned flags);
int dirops_truncate(const struct walk_context *ctx, const char *path, uint64_t size);
int dirops_stat(const struct walk_context *ctx, const char *path, unsigned walk_flags,
		struct stat *st);
int dirops_setattr(const struct walk_context *ctx, const char *path, unsigned walk_flags,
		   const struct vnode_setattr *change);
int dirops_readlink(const struct walk_context *ctx, const char *path, char *to, size_t size,
		    size_t *length);

// The same on one vnode that is known (fstat and its kin), under the policy.
int vnode_stat(struct vnode *v, struct stat *st);
int vnode_set_attributes(struct vnode *v, const struct vnode_setattr *change);
int vnode_resize(struct vnode *v, uint64_t size);
int vnode_read_kernel(struct vnode *v, void *to, uint64_t size, uint64_t offset, uint64_t *done);
