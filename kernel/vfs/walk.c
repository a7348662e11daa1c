// SPDX-License-Identifier: MIT
/*
 * The path walk.
 *
 * A walk stands at a vnode (a reference, no lock) and has a rest of the path
 * before it.  A step looks the next name up:
 *
 *   1. The directory is locked while the name is found and its vnode gets a
 *      reference, so the number can't be freed in between; then it is unlocked,
 *      and given back.  One lock at a time: nobody waits for us above or below.
 *   2. A name that is remembered needs no lock: it is looked at, its vnode gets a
 *      reference if it is in memory, and then it is asked whether what is remembered
 *      has changed.  If not, the name means that number, and so our vnode, since a
 *      number stays the file's as long as its vnode has a reference.
 *   3. ".." is asked of the directory itself, under its own lock, which a rename
 *      holds when it changes it; the parent is not locked.
 *   4. A mount point is left downwards when a name leads to it, upwards when ".."
 *      is asked of the root of a mount.
 *   5. A symbolic link's target takes the link's place before the rest of the
 *      path.  So what is left behind the last followed link is always an end
 *      of the path that the caller gave.
 *
 * A removed directory has no names: neither old ones nor "..".
 */
#include "vfs/walk.h"

#include "abi/errno.h"
#include "abi/limits.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "vfs/namecache.h"
#include "vfs/vfs_impl.h"
#include "vfs/vnode_lock.h"

// How often to find a directory's path again when it moves meanwhile.
#define PATH_TRIES 8

static bool
is_dot(const char *name, size_t length)
{
	return length == 1 && name[0] == '.';
}

static bool
is_dot_dot(const char *name, size_t length)
{
	return length == 2 && name[0] == '.' && name[1] == '.';
}

// The file system is asked only if nothing is remembered.  dir is locked.
static int
find_number(struct vnode *dir, const char *name, size_t length, uint64_t *number)
{
	struct namecache_moment moment;

	switch (namecache_find(dir, name, length, number, &moment)) {
	case NAMECACHE_PRESENT:
		return 0;
	case NAMECACHE_ABSENT:
		return -ENOENT;
	case NAMECACHE_UNKNOWN:
		break;
	}
	int error = dir->ops->lookup(dir, name, length, number);
	if (error == 0)
		namecache_enter(dir, name, length, *number);
	else if (error == -ENOENT)
		namecache_enter(dir, name, length, 0);
	return error;
}

int
walk_lookup_locked(struct vnode *dir, const char *name, size_t length, struct vnode **out)
{
	uint64_t number;

	if (dir->type != VNODE_DIRECTORY || dir->ops->lookup == NULL)
		return -ENOTDIR;
	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	if (dir->removed)
		return -ENOENT;
	int error = find_number(dir, name, length, &number);
	if (error != 0)
		return error;
	return vnode_get_by_number(dir->mount, number, out);
}

// By what is remembered (rule 2).  False if that does not do.
static bool
lookup_remembered(struct vnode *dir, const char *name, size_t length, struct vnode **out,
		  int *error)
{
	struct namecache_moment moment;
	uint64_t number;

	switch (namecache_find(dir, name, length, &number, &moment)) {
	case NAMECACHE_UNKNOWN:
		return false;
	case NAMECACHE_ABSENT:
		*error = -ENOENT;
		return true;
	case NAMECACHE_PRESENT:
		break;
	}
	struct vnode *v = vnode_find_by_number(dir->mount, number);
	if (v == NULL)
		return false;
	if (!namecache_unchanged(&moment)) {
		vnode_put(v);
		return false;
	}
	*out = v;
	*error = 0;
	return true;
}

int
walk_lookup(struct vnode *dir, const char *name, size_t length, struct vnode **out)
{
	int error;

	if (lookup_remembered(dir, name, length, out, &error))
		return error;
	vnode_lock(dir, VOP_LOOKUP, VROLE_DIR);
	error = walk_lookup_locked(dir, name, length, out);
	vnode_unlock(dir, VOP_LOOKUP, VROLE_DIR);
	return error;
}

struct vnode *
walk_cross(struct vnode *v)
{
	struct vnode *root;

	while ((root = vnode_mounted(v)) != NULL) {
		vnode_put(v);
		v = root;
	}
	return v;
}

int
walk_parent_in_mount(struct vnode *dir, struct vnode **out)
{
	uint64_t number = 0;
	int error;

	if (dir->ops->lookup == NULL)
		return -ENOTDIR;
	vnode_lock(dir, VOP_LOOKUP, VROLE_DIR);
	if (dir->removed)
		error = -ENOENT;
	else
		error = dir->ops->lookup(dir, "..", 2, &number);
	if (error == 0)
		error = vnode_get_by_number(dir->mount, number, out);
	vnode_unlock(dir, VOP_LOOKUP, VROLE_DIR);
	return error;
}

// From the root of a mount to the directory that it covers, with dir's
// reference, as long as it is one and not the walker's root.
static struct vnode *
leave_mounts(const struct walk_context *ctx, struct vnode *dir)
{
	while (dir != ctx->root && dir == dir->mount->root && dir->mount->covered != NULL) {
		struct vnode *covered = dir->mount->covered;
		vnode_get(covered);
		vnode_put(dir);
		dir = covered;
	}
	return dir;
}

// Whether there is nothing above dir for the walker.
static bool
is_top(const struct walk_context *ctx, const struct vnode *dir)
{
	return dir == ctx->root || dir == dir->mount->root;
}

static int
step_up(struct walk *w)
{
	struct vnode *parent;

	if (w->at->type != VNODE_DIRECTORY)
		return -ENOTDIR;
	w->at = leave_mounts(w->ctx, w->at);
	if (is_top(w->ctx, w->at))
		return 0;
	int error = walk_parent_in_mount(w->at, &parent);
	if (error != 0)
		return error;
	vnode_put(w->at);
	w->at = walk_cross(parent);
	return 0;
}

// Put the link's target before rest, and go to where it begins.
static int
follow(struct walk *w, struct vnode *link, const char *rest)
{
	size_t length, rest_length = strlen(rest);
	int error;

	if (++w->links > WALK_LINKS_MAX)
		return -ELOOP;
	if (link->ops->readlink == NULL)
		return -EINVAL;
	char *path = heap_alloc(PATH_MAX);
	if (path == NULL)
		return -ENOMEM;
	vnode_lock(link, VOP_READLINK, VROLE_TARGET);
	error = link->ops->readlink(link, path, PATH_MAX, &length);
	vnode_unlock(link, VOP_READLINK, VROLE_TARGET);
	if (error == 0 && length == 0)
		error = -ENOENT;
	if (error == 0 && length + rest_length >= PATH_MAX)
		error = -ENAMETOOLONG;
	if (error != 0) {
		heap_free(path);
		return error;
	}
	memcpy(path + length, rest, rest_length + 1);
	heap_free(w->buffer);
	w->buffer = path;
	w->rest = path;
	if (path[0] == '/') {
		vnode_get(w->ctx->root);
		vnode_put(w->at);
		w->at = w->ctx->root;
	}
	return 0;
}

// Walk over the component that is next, following it if it is a link.
static int
step(struct walk *w)
{
	const char *name = w->rest;
	struct vnode *next;

	w->rest += w->length;
	if (is_dot(name, w->length))
		return w->at->type == VNODE_DIRECTORY ? 0 : -ENOTDIR;
	if (is_dot_dot(name, w->length))
		return step_up(w);
	int error = walk_lookup(w->at, name, w->length, &next);
	if (error != 0)
		return error;
	if (next->type == VNODE_SYMLINK) {
		error = follow(w, next, w->rest);
		vnode_put(next);
		return error;
	}
	vnode_put(w->at);
	w->at = walk_cross(next);
	return 0;
}

int
walk_begin(struct walk *w, const struct walk_context *ctx, const char *path)
{
	if (path[0] == '\0')
		return -ENOENT;
	*w = (struct walk){ .ctx = ctx, .rest = path };
	w->at = path[0] == '/' ? ctx->root : ctx->start;
	vnode_get(w->at);
	return 0;
}

void
walk_end(struct walk *w)
{
	vnode_put(w->at);
	heap_free(w->buffer);
}

int
walk_to_last(struct walk *w)
{
	for (;;) {
		while (*w->rest == '/')
			w->rest++;
		const char *end = w->rest;
		while (*end != '\0' && *end != '/')
			end++;
		w->length = (size_t)(end - w->rest);
		w->trailing = *end == '/';
		while (*end == '/')
			end++;
		if (*end == '\0')
			return w->at->type == VNODE_DIRECTORY ? 0 : -ENOTDIR;
		int error = step(w);
		if (error != 0)
			return error;
	}
}

bool
walk_last_special(const struct walk *w)
{
	return w->length == 0 || is_dot(w->rest, w->length) || is_dot_dot(w->rest, w->length);
}

int
walk_follow_last(struct walk *w, struct vnode *link)
{
	int error = follow(w, link, w->rest + w->length);

	return error == 0 ? walk_to_last(w) : error;
}

// Walk over the last component too, links included unless flags say otherwise.
static int
walk_last(struct walk *w, unsigned flags)
{
	bool trailing = w->trailing;
	struct vnode *next;
	int error;

	while (!walk_last_special(w)) {
		error = walk_lookup(w->at, w->rest, w->length, &next);
		if (error != 0)
			return error;
		trailing |= w->trailing;
		if (next->type != VNODE_SYMLINK || ((flags & WALK_NOFOLLOW) && !trailing)) {
			vnode_put(w->at);
			w->at = walk_cross(next);
			goto arrived;
		}
		error = walk_follow_last(w, next);
		vnode_put(next);
		if (error != 0)
			return error;
	}
	if (w->length == 2) {
		error = step_up(w);
		if (error != 0)
			return error;
	}
arrived:
	if ((trailing || (flags & WALK_DIRECTORY)) && w->at->type != VNODE_DIRECTORY)
		return -ENOTDIR;
	return 0;
}

int
walk_path(const struct walk_context *ctx, const char *path, unsigned flags, struct vnode **out)
{
	struct walk w;

	int error = walk_begin(&w, ctx, path);
	if (error != 0)
		return error;
	error = walk_to_last(&w);
	if (error == 0)
		error = walk_last(&w, flags);
	if (error == 0) {
		*out = w.at;
		vnode_get(*out);
	}
	walk_end(&w);
	return error;
}

int
walk_parent(const struct walk_context *ctx, const char *path, struct vnode **dir, const char **name,
	    size_t *length, bool *trailing)
{
	struct walk w;

	int error = walk_begin(&w, ctx, path);
	if (error != 0)
		return error;
	error = walk_to_last(&w);
	if (error == 0) {
		*dir = w.at;
		vnode_get(*dir);
		*name = path + strlen(path) - strlen(w.rest);
		*length = w.length;
		*trailing = w.trailing;
	}
	walk_end(&w);
	return error;
}

// Looks for the name of a number among a directory's entries.
struct name_search {
	uint64_t number;
	char *to; // the name is put before `to`, which moves down
	size_t room;
	int result;
};

static bool
match_number(void *arg, const char *name, size_t length, uint64_t number, enum vnode_type type,
	     uint64_t next)
{
	struct name_search *s = arg;

	(void)type;
	(void)next;
	if (number != s->number || is_dot(name, length) || is_dot_dot(name, length))
		return true;
	s->result = -ERANGE;
	if (length + 1 <= s->room) {
		s->to -= length + 1;
		s->room -= length + 1;
		s->to[0] = '/';
		memcpy(s->to + 1, name, length);
		s->result = 0;
	}
	return false;
}

static int
find_name(struct vnode *parent, struct name_search *s)
{
	uint64_t cookie = 0;

	s->result = -ENOENT;
	if (parent->ops->readdir == NULL)
		return -ENOENT;
	vnode_lock(parent, VOP_READDIR, VROLE_DIR);
	int error = parent->ops->readdir(parent, &cookie, match_number, s);
	vnode_unlock(parent, VOP_READDIR, VROLE_DIR);
	return error != 0 ? error : s->result;
}

// Write the names from the root to dir before s->to.
static int
path_from_end(const struct walk_context *ctx, struct vnode *dir, struct name_search *s)
{
	struct vnode *parent;
	int error = 0;

	vnode_get(dir);
	for (;;) {
		dir = leave_mounts(ctx, dir);
		if (is_top(ctx, dir))
			break;
		error = walk_parent_in_mount(dir, &parent);
		if (error != 0)
			break;
		s->number = dir->number;
		error = find_name(parent, s);
		vnode_put(dir);
		dir = parent;
		if (error != 0)
			break;
	}
	// A root that is not the walker's: dir does not lie below that.
	if (error == 0 && dir != ctx->root)
		error = -ENOENT;
	vnode_put(dir);
	return error;
}

int
walk_directory_path(const struct walk_context *ctx, struct vnode *dir, char *to, size_t size)
{
	int error = -ENOENT;

	if (size < 2)
		return -ERANGE;
	for (unsigned i = 0; i < PATH_TRIES && error == -ENOENT; i++) {
		struct name_search s = { .to = to + size - 1, .room = size - 1 };
		to[size - 1] = '\0';
		error = path_from_end(ctx, dir, &s);
		if (error != 0)
			continue;
		if (*s.to == '\0')
			*--s.to = '/';
		memmove(to, s.to, (size_t)(to + size - s.to));
	}
	return error;
}
