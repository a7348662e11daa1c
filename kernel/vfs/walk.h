// SPDX-License-Identifier: MIT
/*
 * From a path to vnodes.
 *
 * The walk holds at most one directory's lock at a time and a reference on
 * what it has reached.  Symbolic links are followed up to WALK_LINKS_MAX, mount
 * points are crossed both ways, ".." stops at the root.
 */
#pragma once

#include "vfs/vnode.h"

#define WALK_LINKS_MAX 40

// Who walks.  Made by proc/ for the current process; vnodes are referenced by
// the process as long as the call lasts.
struct walk_context {
	struct vnode *root;
	struct vnode *start; // where a relative path begins
	uint32_t umask;
	uint32_t owner;
	uint32_t group;
};

enum walk_flags {
	WALK_NOFOLLOW = 1 << 0,  // the last component may be a symbolic link itself
	WALK_DIRECTORY = 1 << 1, // must be a directory
};

// The vnode of a path, with a reference.  -ENOENT (also for ""), -ENOTDIR,
// -ELOOP, -ENAMETOOLONG, or the file system's error.
int walk_path(const struct walk_context *ctx, const char *path, unsigned flags, struct vnode **out);

// The directory of the last component, with a reference, and that component:
// *name points into path, *length is its length; *trailing says that slashes
// follow.  For "/" or paths that end in "." or "..": *length 0 ("/") or the
// component as it is; the caller decides.
int walk_parent(const struct walk_context *ctx, const char *path, struct vnode **dir,
		const char **name, size_t *length, bool *trailing);

// The path of a directory from the root, by ".." and search.  -ERANGE if it
// does not fit, -ENOENT if it was removed.
int walk_directory_path(const struct walk_context *ctx, struct vnode *dir, char *to, size_t size);
