// SPDX-License-Identifier: MIT
/*
 * The name cache is an array of sets with a few places each; a name may be in
 * any place of the one set that it hashes to.  A new one comes first in its set
 * and the last one falls out.  Long names are not kept.  Sets share locks.
 *
 * Nothing depends on an entry being there, so memory that can't be had at boot
 * only makes lookups slower.
 */
#include "vfs/namecache.h"

#include "lib/print.h"
#include "lib/string.h"
#include "lock/spinlock.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "vfs/mount.h"
#include "vfs/vnode.h"

#define PLACES 4
#define LOCKS  32

// So many pages of the machine's for one set.
#define PAGES_PER_SET 64
#define SETS_MIN      16

#define NAME_KEPT 43

struct entry {
	uint64_t dir;    // birth of the directory's vnode; 0: empty
	uint64_t number; // 0: no such name
	uint32_t hash;
	uint8_t length;
	char name[NAME_KEPT];
};
_Static_assert(sizeof(struct entry) == 64, "a place is a cache line");

struct set {
	struct entry place[PLACES];
};

// Where a name belongs.
struct cursor {
	struct set *set;
	struct spinlock *lock; // of the set, held
	uint64_t dir;
	uint32_t hash;
};

static struct lock_class cache_class = LOCK_CLASS("name cache", RANK_LEAF);

/*
 *   I  fixed since boot
 *   s  lock[set & (LOCKS - 1)]
 */
static struct {
	struct spinlock lock[LOCKS];
	struct set *set; // [s]
	uint64_t mask;   // [I] sets - 1
} cache;

// FNV-1a (Fowler, Noll, Vo) over the name, mixed with the directory.
static uint64_t
hash_name(uint64_t dir, const char *name, size_t length)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ dir;

	for (size_t i = 0; i < length; i++)
		h = (h ^ (unsigned char)name[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

static bool
cacheable(const struct vnode *dir, size_t length)
{
	return cache.set != NULL && length <= NAME_KEPT &&
	       !(dir->mount->flags & MOUNT_NAMES_VOLATILE);
}

// Lock the set of a name, and find the name's place in it, or NULL.
static struct entry *
lock_place(struct cursor *c, const struct vnode *dir, const char *name, size_t length)
{
	uint64_t hash = hash_name(dir->birth, name, length);

	c->dir = dir->birth;
	c->hash = (uint32_t)(hash >> 32);
	c->set = &cache.set[hash & cache.mask];
	c->lock = &cache.lock[hash & cache.mask & (LOCKS - 1)];
	spin_lock(c->lock);
	for (struct entry *e = c->set->place; e < &c->set->place[PLACES]; e++)
		if (e->hash == c->hash && e->dir == c->dir && e->length == length &&
		    memcmp(e->name, name, length) == 0)
			return e;
	return NULL;
}

enum namecache_result
namecache_find(const struct vnode *dir, const char *name, size_t length, uint64_t *number)
{
	enum namecache_result result = NAMECACHE_UNKNOWN;
	struct cursor c;

	if (!cacheable(dir, length))
		return NAMECACHE_UNKNOWN;
	const struct entry *e = lock_place(&c, dir, name, length);
	if (e != NULL) {
		*number = e->number;
		result = e->number != 0 ? NAMECACHE_PRESENT : NAMECACHE_ABSENT;
	}
	spin_unlock(c.lock);
	return result;
}

void
namecache_enter(const struct vnode *dir, const char *name, size_t length, uint64_t number)
{
	struct cursor c;

	if (!cacheable(dir, length))
		return;
	struct entry *e = lock_place(&c, dir, name, length);
	if (e == NULL) {
		e = &c.set->place[0];
		memmove(e + 1, e, (PLACES - 1) * sizeof *e);
		e->dir = c.dir;
		e->hash = c.hash;
		e->length = (uint8_t)length;
		memcpy(e->name, name, length);
	}
	e->number = number;
	spin_unlock(c.lock);
}

void
namecache_forget(const struct vnode *dir, const char *name, size_t length)
{
	struct cursor c;

	if (!cacheable(dir, length))
		return;
	struct entry *e = lock_place(&c, dir, name, length);
	if (e != NULL)
		e->dir = 0;
	spin_unlock(c.lock);
}

void
namecache_init(void)
{
	uint64_t sets = SETS_MIN;

	while (sets < page_total_count() / PAGES_PER_SET)
		sets *= 2;
	for (unsigned i = 0; i < LOCKS; i++)
		spin_init(&cache.lock[i], &cache_class);
	cache.mask = sets - 1;
	cache.set = heap_alloc_array(sets, sizeof *cache.set);
	if (cache.set == NULL)
		print_warn("name cache: no memory for %lu sets; lookups go to the disk",
			   (unsigned long)sets);
}
