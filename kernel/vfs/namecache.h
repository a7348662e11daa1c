// SPDX-License-Identifier: MIT
/*
 * The name cache: what names meant when they were looked up last, and which
 * ones there are not.
 *
 * The directory's lock keeps it right: an entry is made under it, in any mode,
 * from what the file system said, and is changed by whoever changes the name,
 * under it for writing.  A directory is known by its vnode's birth, so what was
 * remembered of it dies with the vnode.
 */
#pragma once

#include "arch/types.h"

struct vnode;

enum namecache_result {
	NAMECACHE_UNKNOWN,
	NAMECACHE_PRESENT,
	NAMECACHE_ABSENT,
};

// A moment: as long as namecache_unchanged() says so, what was found then is true.
struct namecache_moment {
	const uint32_t *sequence;
	uint32_t value;
};

// What is remembered of a name in dir.  If dir is not locked it may have changed by
// the time that the caller looks at it; so *moment gets when that was.
enum namecache_result namecache_find(const struct vnode *dir, const char *name, size_t length,
				     uint64_t *number, struct namecache_moment *moment);
bool namecache_unchanged(const struct namecache_moment *moment);

// Remember that the name means a number, or that there is no such name (0).
void namecache_enter(const struct vnode *dir, const char *name, size_t length, uint64_t number);

// Remember nothing of the name: a change failed, and may have been made in part.
void namecache_forget(const struct vnode *dir, const char *name, size_t length);

void namecache_init(void);
