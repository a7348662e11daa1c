// SPDX-License-Identifier: MIT
/*
 * The name cache is an array of sets with a few places each; a name may be in
 * any place of the one set that it hashes to.  A new one comes first in its set
 * and the last one falls out.  Long names are not kept.
 *
 * Sets share guards: a lock and a sequence number that is odd while a set is being
 * changed.  Who looks takes no lock: he reads the number, then the set, then the
 * number again, and believes what he saw if it was even and is the same.
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
#define GUARDS 32

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

/*
 *   s  lock
 */
struct guard {
	struct spinlock lock;
	uint32_t sequence; // [s] atomic; odd: a set is being changed
} __attribute__((aligned(64)));

// A name, and where it belongs.
struct key {
	struct set *set;
	struct guard *guard;
	uint64_t dir;
	uint32_t hash;
	uint32_t length;
	const char *name;
};

static struct lock_class cache_class = LOCK_CLASS("name cache", RANK_LEAF);

/*
 *   I  fixed since boot
 *   s  guard[set & (GUARDS - 1)]
 */
static struct {
	struct guard guard[GUARDS];
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

static struct key
key_of(const struct vnode *dir, const char *name, size_t length)
{
	uint64_t hash = hash_name(dir->birth, name, length);
	uint64_t index = hash & cache.mask;

	return (struct key){
		.set = &cache.set[index],
		.guard = &cache.guard[index & (GUARDS - 1)],
		.dir = dir->birth,
		.hash = (uint32_t)(hash >> 32),
		.length = (uint32_t)length,
		.name = name,
	};
}

static struct entry *
find(const struct key *k)
{
	for (struct entry *e = k->set->place; e < &k->set->place[PLACES]; e++)
		if (e->hash == k->hash && e->dir == k->dir && e->length == k->length &&
		    memcmp(e->name, k->name, k->length) == 0)
			return e;
	return NULL;
}

bool
namecache_unchanged(const struct namecache_moment *moment)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return moment->value % 2 == 0 &&
	       __atomic_load_n(moment->sequence, __ATOMIC_RELAXED) == moment->value;
}

enum namecache_result
namecache_find(const struct vnode *dir, const char *name, size_t length, uint64_t *number,
	       struct namecache_moment *moment)
{
	if (!cacheable(dir, length))
		return NAMECACHE_UNKNOWN;

	struct key k = key_of(dir, name, length);
	moment->sequence = &k.guard->sequence;
	moment->value = __atomic_load_n(&k.guard->sequence, __ATOMIC_ACQUIRE);
	const struct entry *e = find(&k);
	if (e == NULL)
		return NAMECACHE_UNKNOWN;
	*number = e->number;
	if (!namecache_unchanged(moment))
		return NAMECACHE_UNKNOWN;
	return *number != 0 ? NAMECACHE_PRESENT : NAMECACHE_ABSENT;
}

static void
begin_change(struct guard *g)
{
	spin_lock(&g->lock);
	__atomic_store_n(&g->sequence, g->sequence + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void
end_change(struct guard *g)
{
	__atomic_store_n(&g->sequence, g->sequence + 1, __ATOMIC_RELEASE);
	spin_unlock(&g->lock);
}

void
namecache_enter(const struct vnode *dir, const char *name, size_t length, uint64_t number)
{
	if (!cacheable(dir, length))
		return;

	struct key k = key_of(dir, name, length);
	begin_change(k.guard);
	struct entry *e = find(&k);
	if (e == NULL) {
		e = &k.set->place[0];
		memmove(e + 1, e, (PLACES - 1) * sizeof *e);
		e->dir = k.dir;
		e->hash = k.hash;
		e->length = (uint8_t)length;
		memcpy(e->name, name, length);
	}
	e->number = number;
	end_change(k.guard);
}

void
namecache_forget(const struct vnode *dir, const char *name, size_t length)
{
	if (!cacheable(dir, length))
		return;

	struct key k = key_of(dir, name, length);
	begin_change(k.guard);
	struct entry *e = find(&k);
	if (e != NULL)
		e->dir = 0;
	end_change(k.guard);
}

void
namecache_init(void)
{
	uint64_t sets = SETS_MIN;

	while (sets < page_total_count() / PAGES_PER_SET)
		sets *= 2;
	for (unsigned i = 0; i < GUARDS; i++)
		spin_init(&cache.guard[i].lock, &cache_class);
	cache.mask = sets - 1;
	cache.set = heap_alloc_array(sets, sizeof *cache.set);
	if (cache.set == NULL)
		print_warn("name cache: no memory for %lu sets; lookups go to the disk",
			   (unsigned long)sets);
}
