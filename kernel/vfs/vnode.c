// SPDX-License-Identifier: MIT
/*
 * The table of vnodes.
 *
 * A vnode is loading, ready, dying (its file is being freed on the disk) or dead
 * (of a mount that is gone; it only waits for its last reference).
 *
 *   1. In the hash table there is at most one vnode for a (mount, number), and
 *      what is not dead is in it.
 *   2. Who finds a vnode loading or dying waits until that is over and looks
 *      again.  So a number that was freed and given to a new file can't lead to
 *      the old file's vnode.
 *   3. A reference is taken from 0 under the table's lock only; one more, and one
 *      less, needs no lock.  So a vnode that has none under the lock is nobody's.
 *   4. The word of the references says, too, that the file has no name left
 *      (REFS_UNLINKED, set by whoever removed the name, while he had one).  So the
 *      one who puts the last reference, and only he, learns in the same step that
 *      the file must be freed, and makes it dying.
 *   5. What is unused stays until the table is above its limit: then a clock hand
 *      (Corbato, A Paging Experiment with the Multics System, 1968) goes over the
 *      vnodes, and takes those that were not found since it passed them last.
 *
 * The caller who turns a name into a vnode holds the directory's lock until
 * the vnode has a reference, or else knows afterwards that the name still means
 * it (walk.c): so the number can't have been freed in between.
 *
 * No file system code runs with the table's lock held.
 */
#include "vfs/vnode.h"

#include "abi/dirent.h"
#include "abi/errno.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "mm/reclaim.h"
#include "vfs/vfs_impl.h"
#include "vfs/vnode_lock.h"

enum vnode_state {
	VSTATE_LOADING,
	VSTATE_READY,
	VSTATE_DYING,
	VSTATE_DEAD,
};

// So many pages of the machine's for one vnode that is kept.
#define PAGES_PER_VNODE 16
#define VNODES_MIN      64

// About how many vnodes and their file systems' parts are in a page.
#define VNODES_PER_PAGE 6

// How far the hand goes for each vnode that comes.
#define STEPS 8

// In vnode.refs.
#define REFS_UNLINKED (UINT32_C(1) << 31)

static struct lock_class table_class = LOCK_CLASS("vnode table", RANK_VNODE_TABLE);

/*
 *   I  fixed since boot
 *   t  lock
 */
static struct {
	struct spinlock lock;
	struct waitqueue changed; // [t] a vnode is no longer loading or dying
	struct list *bucket;      // [I]
	uint64_t mask;            // [I] buckets - 1
	struct list clock;        // [t] all that were ready once; the hand is at the front
	unsigned total;           // [t]
	unsigned max;             // [I] above it unused ones go
	uint64_t births;          // [t]
} table;

static struct list *
bucket_of(const struct mount *m, uint64_t number)
{
	return &table.bucket[hash_u64(number ^ (uint64_t)m->id << 48) & table.mask];
}

static struct vnode *
find(const struct mount *m, uint64_t number)
{
	struct list *bucket = bucket_of(m, number), *l;

	list_for_each(l, bucket) {
		struct vnode *v = container_of(l, struct vnode, hash);
		if (v->number == number && v->mount == m)
			return v;
	}
	return NULL;
}

static struct vnode *
vnode_alloc(struct mount *m, uint64_t number)
{
	struct vnode *v = heap_zalloc(sizeof *v);

	if (v == NULL)
		return NULL;
	tlock_init(&v->lock, "vnode");
	list_init(&v->hash);
	list_init(&v->clock);
	v->mount = m;
	v->number = number;
	v->state = VSTATE_LOADING;
	v->refs = 1;
	return v;
}

// Table locked.  v is found from now on.
static void
hash_insert(struct vnode *v)
{
	v->birth = ++table.births;
	v->mount->refs++;
	table.total++;
	list_push_front(bucket_of(v->mount, v->number), &v->hash);
}

// Table locked.  v is not found any more.
static void
hash_remove(struct vnode *v)
{
	list_remove(&v->hash);
	list_remove(&v->clock);
	v->mount->refs--;
	table.total--;
}

static void
vnode_free(struct vnode *v)
{
	if (v->ops != NULL && v->ops->forget != NULL)
		v->ops->forget(v);
	heap_free(v);
}

// A vnode that goes to make room, out of the table; or NULL if the hand finds
// none on its next steps.  Table locked.
static struct vnode *
evict(unsigned steps)
{
	for (; steps > 0; steps--) {
		struct list *l = list_pop_front(&table.clock);
		if (l == NULL)
			return NULL;
		struct vnode *v = container_of(l, struct vnode, clock);
		if (__atomic_load_n(&v->refs, __ATOMIC_ACQUIRE) == 0 && !v->used) {
			hash_remove(v);
			return v;
		}
		v->used = false;
		list_push_back(&table.clock, &v->clock);
	}
	return NULL;
}

// Let the file system fill a new vnode, and everybody see the result.
static int
load(struct vnode *v)
{
	struct vnode *old = NULL;
	int error = v->mount->type->load(v->mount, v);

	spin_lock(&table.lock);
	if (error == 0) {
		if (v->links == 0)
			vnode_unlinked(v);
		v->state = VSTATE_READY;
		list_push_back(&table.clock, &v->clock);
		if (table.total > table.max)
			old = evict(STEPS);
	} else {
		hash_remove(v);
	}
	wake_all(&table.changed);
	spin_unlock(&table.lock);
	if (error != 0)
		vnode_free(v);
	if (old != NULL)
		vnode_free(old);
	return error;
}

// Table locked, v ready.
static void
take_reference(struct vnode *v)
{
	__atomic_fetch_add(&v->refs, 1, __ATOMIC_ACQUIRE);
	v->used = true;
}

int
vnode_get_by_number(struct mount *m, uint64_t number, struct vnode **out)
{
	struct vnode *fresh = NULL, *v;

	spin_lock(&table.lock);
	while ((v = find(m, number)) == NULL || v->state != VSTATE_READY) {
		if (v != NULL) {
			sleep_on(&table.changed, &table.lock, SLEEP_UNINTERRUPTIBLE, DEADLINE_NONE);
			continue;
		}
		if (fresh != NULL) {
			hash_insert(fresh);
			spin_unlock(&table.lock);
			*out = fresh;
			return load(fresh);
		}
		spin_unlock(&table.lock);
		fresh = vnode_alloc(m, number);
		if (fresh == NULL)
			return -ENOMEM;
		spin_lock(&table.lock);
	}
	take_reference(v);
	spin_unlock(&table.lock);
	heap_free(fresh);
	*out = v;
	return 0;
}

struct vnode *
vnode_find_by_number(struct mount *m, uint64_t number)
{
	spin_lock(&table.lock);
	struct vnode *v = find(m, number);
	if (v != NULL && v->state != VSTATE_READY)
		v = NULL;
	if (v != NULL)
		take_reference(v);
	spin_unlock(&table.lock);
	return v;
}

void
vnode_get(struct vnode *v)
{
	uint32_t before = __atomic_fetch_add(&v->refs, 1, __ATOMIC_RELAXED);
	assert((before & ~REFS_UNLINKED) != 0);
}

void
vnode_unlinked(struct vnode *v)
{
	__atomic_fetch_or(&v->refs, REFS_UNLINKED, __ATOMIC_RELAXED);
}

// The file has no names: free it on the disk.  We have the only reference.
static void
vnode_die(struct vnode *v)
{
	vnode_lock(v, VOP_INACTIVE, VROLE_TARGET);
	if (v->ops->inactive != NULL)
		v->ops->inactive(v);
	vnode_unlock(v, VOP_INACTIVE, VROLE_TARGET);

	spin_lock(&table.lock);
	hash_remove(v);
	wake_all(&table.changed);
	spin_unlock(&table.lock);
	vnode_free(v);
}

// Put what seems to be the last reference of a file without names.  Returns false
// if there are more by now.
static bool
put_last(struct vnode *v)
{
	spin_lock(&table.lock);
	bool last = __atomic_load_n(&v->refs, __ATOMIC_ACQUIRE) == (REFS_UNLINKED | 1);
	bool dead = v->state == VSTATE_DEAD;
	if (last && !dead)
		v->state = VSTATE_DYING;
	spin_unlock(&table.lock);
	if (!last)
		return false;
	if (dead)
		heap_free(v);
	else
		vnode_die(v);
	return true;
}

void
vnode_put(struct vnode *v)
{
	uint32_t refs = __atomic_load_n(&v->refs, __ATOMIC_RELAXED);

	do {
		assert((refs & ~REFS_UNLINKED) != 0);
		while (refs == (REFS_UNLINKED | 1)) {
			if (put_last(v))
				return;
			refs = __atomic_load_n(&v->refs, __ATOMIC_RELAXED);
		}
	} while (!__atomic_compare_exchange_n(&v->refs, &refs, refs - 1, true, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
}

// Give memory back.  Vnodes share pages, so many go for one page.
static uint64_t
vnode_reclaim(uint64_t pages)
{
	uint64_t free = page_free_count();

	for (uint64_t n = pages * VNODES_PER_PAGE; n > 0; n--) {
		spin_lock(&table.lock);
		struct vnode *v = evict(2 * table.total);
		spin_unlock(&table.lock);
		if (v == NULL)
			break;
		vnode_free(v);
	}
	uint64_t now = page_free_count();
	return now > free ? now - free : 0;
}

// Table locked.  The next vnode of m after v in the table's order, or after none.
static struct vnode *
next_of_mount(const struct mount *m, const struct vnode *v)
{
	struct list *bucket = v == NULL ? table.bucket : bucket_of(m, v->number);
	struct list *l = v == NULL ? bucket->next : v->hash.next;

	for (;; l = l->next) {
		while (l == bucket) {
			if (bucket++ == &table.bucket[table.mask])
				return NULL;
			l = bucket->next;
		}
		struct vnode *next = container_of(l, struct vnode, hash);
		if (next->mount == m)
			return next;
	}
}

int
vnode_for_each(struct mount *m, int (*fn)(void *arg, struct vnode *v), void *arg)
{
	struct vnode *last = NULL;
	int error = 0;

	while (error == 0) {
		spin_lock(&table.lock);
		struct vnode *v = next_of_mount(m, last);
		while (v != NULL && v->state != VSTATE_READY)
			v = next_of_mount(m, v);
		if (v != NULL)
			take_reference(v);
		spin_unlock(&table.lock);
		if (last != NULL)
			vnode_put(last);
		last = v;
		if (v == NULL)
			return 0;
		error = fn(arg, v);
	}
	vnode_put(last);
	return error;
}

// Table locked.
static bool
mount_is_busy(const struct mount *m, const struct vnode *except)
{
	struct vnode *v = NULL;

	while ((v = next_of_mount(m, v)) != NULL)
		if (__atomic_load_n(&v->refs, __ATOMIC_ACQUIRE) > (v == except))
			return true;
	return false;
}

int
vnode_forget_mount(struct mount *m, struct vnode *except)
{
	struct list gone = LIST_INIT(gone);
	struct vnode *v, *next;

	spin_lock(&table.lock);
	if (mount_is_busy(m, except)) {
		spin_unlock(&table.lock);
		return -EBUSY;
	}
	if (m->covered != NULL)
		__atomic_store_n(&m->covered->mounted_here, NULL, __ATOMIC_RELAXED);
	for (v = next_of_mount(m, NULL); v != NULL; v = next) {
		next = next_of_mount(m, v);
		hash_remove(v);
		if (v != except)
			list_push_back(&gone, &v->hash);
	}
	spin_unlock(&table.lock);

	struct list *l;
	while ((l = list_pop_front(&gone)) != NULL)
		vnode_free(container_of(l, struct vnode, hash));
	if (except != NULL) {
		if (except->ops->forget != NULL)
			except->ops->forget(except);
		except->ops = NULL;
		except->mount = NULL;
		except->state = VSTATE_DEAD;
		vnode_unlinked(except);
	}
	return 0;
}

struct vnode *
vnode_mounted(struct vnode *v)
{
	struct vnode *root = NULL;

	// Most have none, and a mount that comes just now may be missed.
	if (__atomic_load_n(&v->mounted_here, __ATOMIC_RELAXED) == NULL)
		return NULL;
	spin_lock(&table.lock);
	if (v->mounted_here != NULL) {
		root = v->mounted_here->root;
		vnode_get(root);
	}
	spin_unlock(&table.lock);
	return root;
}

int
vnode_cover(struct vnode *v, struct mount *m)
{
	int error = 0;

	spin_lock(&table.lock);
	if (v->mounted_here != NULL)
		error = -EBUSY;
	else
		__atomic_store_n(&v->mounted_here, m, __ATOMIC_RELEASE);
	spin_unlock(&table.lock);
	return error;
}

void
vnode_count(unsigned *total, unsigned *referenced)
{
	struct list *l;

	spin_lock(&table.lock);
	*total = table.total;
	*referenced = table.total;
	list_for_each(l, &table.clock)
		*referenced -= __atomic_load_n(&container_of(l, struct vnode, clock)->refs,
					       __ATOMIC_RELAXED) == 0;
	spin_unlock(&table.lock);
}

static const struct {
	uint32_t mode;
	unsigned char dirent;
} kinds[] = {
	[VNODE_NONE] = { 0, DT_UNKNOWN },        [VNODE_REGULAR] = { S_IFREG, DT_REG },
	[VNODE_DIRECTORY] = { S_IFDIR, DT_DIR }, [VNODE_SYMLINK] = { S_IFLNK, DT_LNK },
	[VNODE_CHARDEV] = { S_IFCHR, DT_CHR },   [VNODE_BLOCKDEV] = { S_IFBLK, DT_BLK },
	[VNODE_FIFO] = { S_IFIFO, DT_FIFO },
};

uint32_t
vnode_type_to_mode(enum vnode_type type)
{
	return kinds[type].mode;
}

enum vnode_type
vnode_type_from_mode(uint32_t mode)
{
	for (unsigned i = VNODE_NONE + 1; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].mode == (mode & S_IFMT))
			return (enum vnode_type)i;
	return VNODE_NONE;
}

unsigned char
vnode_type_to_dirent(enum vnode_type type)
{
	return kinds[type].dirent;
}

void
vnode_init(void)
{
	uint64_t buckets = 64;

	table.max = (unsigned)MAX(page_total_count() / PAGES_PER_VNODE, VNODES_MIN);
	while (buckets < table.max / 2)
		buckets *= 2;
	spin_init(&table.lock, &table_class);
	waitqueue_init(&table.changed, "a vnode");
	list_init(&table.clock);
	table.mask = buckets - 1;
	table.bucket = heap_alloc_array(buckets, sizeof *table.bucket);
	if (table.bucket == NULL)
		panic("no memory for the table of vnodes; give QEMU more (MEM=)");
	for (uint64_t i = 0; i < buckets; i++)
		list_init(&table.bucket[i]);
	reclaim_register("vnodes", vnode_reclaim);
}
