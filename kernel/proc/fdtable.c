// SPDX-License-Identifier: MIT
/*
 * Descriptor tables (proc/fdtable.h).
 *
 * The table is an array of files and two bit maps: which descriptors are taken
 * and which close on exec.  A taken descriptor without a file is reserved.  The
 * three grow together by doubling, up to FD_MAX; the new ones are allocated
 * before the lock is taken and exchanged under it.
 *
 * Files are put after the lock is given back: a close may sleep.
 */
#include "proc/fdtable.h"

#include "abi/errno.h"
#include "lib/bitmap.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "lock/spinlock.h"
#include "mm/heap.h"
#include "vfs/file.h"

#define FD_FIRST 64 // a multiple of the bit maps' words

/*
 *   a  atomic
 *   t  lock
 */
struct fdtable {
	struct spinlock lock;
	uint32_t refs;       // [a]
	unsigned size;       // [t]
	struct file **files; // [t] size
	uint64_t *taken;     // [t] size bits
	uint64_t *cloexec;   // [t] size bits
};

static struct lock_class fdtable_class = LOCK_CLASS("descriptors", RANK_FDTABLE);

// One block holds the array and both maps.
static struct file **
alloc_arrays(unsigned size)
{
	return heap_zalloc(size * sizeof(struct file *) +
			   2 * BITMAP_WORDS(size) * sizeof(uint64_t));
}

static void
set_arrays(struct fdtable *t, struct file **files, unsigned size)
{
	t->files = files;
	t->size = size;
	t->taken = (uint64_t *)(void *)(files + size);
	t->cloexec = t->taken + BITMAP_WORDS(size);
}

static struct fdtable *
alloc_table(unsigned size)
{
	struct fdtable *t = heap_zalloc(sizeof *t);
	if (t == NULL)
		return NULL;
	struct file **files = alloc_arrays(size);
	if (files == NULL) {
		heap_free(t);
		return NULL;
	}
	spin_init(&t->lock, &fdtable_class);
	t->refs = 1;
	set_arrays(t, files, size);
	return t;
}

struct fdtable *
fdtable_alloc(void)
{
	return alloc_table(FD_FIRST);
}

// Make room for descriptors below size.  Lock not held.
static int
grow(struct fdtable *t, unsigned want)
{
	unsigned size = FD_FIRST;

	while (size < want)
		size *= 2;
	struct file **files = alloc_arrays(size);
	if (files == NULL)
		return -ENOMEM;

	spin_lock(&t->lock);
	if (size <= t->size) { // somebody was faster
		spin_unlock(&t->lock);
		heap_free(files);
		return 0;
	}
	struct fdtable old = *t;
	set_arrays(t, files, size);
	memcpy(t->files, old.files, old.size * sizeof(struct file *));
	memcpy(t->taken, old.taken, BITMAP_WORDS(old.size) * sizeof(uint64_t));
	memcpy(t->cloexec, old.cloexec, BITMAP_WORDS(old.size) * sizeof(uint64_t));
	spin_unlock(&t->lock);
	heap_free(old.files);
	return 0;
}

// The first descriptor from fd on that is open; the size of t if none is.  Lock
// held, or t private.
static size_t
next_open(const struct fdtable *t, size_t fd)
{
	while ((fd = bitmap_find_set(t->taken, t->size, fd)) < t->size && t->files[fd] == NULL)
		fd++; // reserved
	return fd;
}

// Copy what is open in from; to is private and at least as large.
static void
copy_open(struct fdtable *to, const struct fdtable *from)
{
	for (size_t fd = next_open(from, 0); fd < from->size; fd = next_open(from, fd + 1)) {
		file_get(from->files[fd]);
		to->files[fd] = from->files[fd];
		bitmap_set(to->taken, fd);
		if (bitmap_test(from->cloexec, fd))
			bitmap_set(to->cloexec, fd);
	}
}

struct fdtable *
fdtable_copy(struct fdtable *t)
{
	for (;;) {
		spin_lock(&t->lock);
		unsigned size = t->size;
		spin_unlock(&t->lock);

		struct fdtable *copy = alloc_table(size);
		if (copy == NULL)
			return NULL;
		spin_lock(&t->lock);
		bool fits = t->size <= size;
		if (fits)
			copy_open(copy, t);
		spin_unlock(&t->lock);
		if (fits)
			return copy;
		fdtable_put(copy);
	}
}

void
fdtable_get(struct fdtable *t)
{
	__atomic_fetch_add(&t->refs, 1, __ATOMIC_RELAXED);
}

void
fdtable_put(struct fdtable *t)
{
	if (__atomic_fetch_sub(&t->refs, 1, __ATOMIC_ACQ_REL) > 1)
		return;
	for (size_t fd = next_open(t, 0); fd < t->size; fd = next_open(t, fd + 1))
		file_put(t->files[fd]);
	heap_free(t->files);
	heap_free(t);
}

bool
fdtable_shared(struct fdtable *t)
{
	return __atomic_load_n(&t->refs, __ATOMIC_ACQUIRE) > 1;
}

int
fdtable_reserve(struct fdtable *t, int from)
{
	if (from < 0 || from >= FD_MAX)
		return -EINVAL;
	for (;;) {
		spin_lock(&t->lock);
		unsigned size = t->size;
		size_t fd = (size_t)from < size ? bitmap_find_clear(t->taken, size, (size_t)from)
						: size;
		if (fd < size) {
			bitmap_set(t->taken, fd);
			bitmap_clear(t->cloexec, fd);
			spin_unlock(&t->lock);
			return (int)fd;
		}
		spin_unlock(&t->lock);
		if (size >= FD_MAX)
			return -EMFILE;
		int error = grow(t, MAX(size * 2, (unsigned)from + 1));
		if (error != 0)
			return error;
	}
}

void
fdtable_install(struct fdtable *t, int fd, struct file *f, bool close_on_exec)
{
	spin_lock(&t->lock);
	assert(bitmap_test(t->taken, (size_t)fd) && t->files[fd] == NULL);
	t->files[fd] = f;
	if (close_on_exec)
		bitmap_set(t->cloexec, (size_t)fd);
	spin_unlock(&t->lock);
}

void
fdtable_unreserve(struct fdtable *t, int fd)
{
	spin_lock(&t->lock);
	assert(bitmap_test(t->taken, (size_t)fd) && t->files[fd] == NULL);
	bitmap_clear(t->taken, (size_t)fd);
	spin_unlock(&t->lock);
}

// The file of fd or NULL.  Lock held.
static struct file *
file_at(struct fdtable *t, int fd)
{
	return fd >= 0 && (unsigned)fd < t->size ? t->files[fd] : NULL;
}

struct file *
fdtable_file(struct fdtable *t, int fd)
{
	spin_lock(&t->lock);
	struct file *f = file_at(t, fd);
	if (f != NULL)
		file_get(f);
	spin_unlock(&t->lock);
	return f;
}

int
fdtable_replace(struct fdtable *t, int fd, struct file *f, bool close_on_exec)
{
	if (fd < 0 || fd >= FD_MAX)
		return -EBADF;
	for (;;) {
		spin_lock(&t->lock);
		if ((unsigned)fd < t->size)
			break;
		spin_unlock(&t->lock);
		int error = grow(t, (unsigned)fd + 1);
		if (error != 0)
			return error;
	}
	struct file *old = t->files[fd];
	if (old == NULL && bitmap_test(t->taken, (size_t)fd)) {
		spin_unlock(&t->lock);
		return -EBUSY;
	}
	t->files[fd] = f;
	bitmap_set(t->taken, (size_t)fd);
	if (close_on_exec)
		bitmap_set(t->cloexec, (size_t)fd);
	else
		bitmap_clear(t->cloexec, (size_t)fd);
	spin_unlock(&t->lock);
	if (old != NULL)
		file_put(old);
	return 0;
}

// Free fd, which is open.  Lock held; the caller puts the file.
static struct file *
take_out(struct fdtable *t, size_t fd)
{
	struct file *f = t->files[fd];

	t->files[fd] = NULL;
	bitmap_clear(t->taken, fd);
	bitmap_clear(t->cloexec, fd);
	return f;
}

int
fdtable_close(struct fdtable *t, int fd)
{
	spin_lock(&t->lock);
	if (file_at(t, fd) == NULL) {
		spin_unlock(&t->lock);
		return -EBADF;
	}
	struct file *f = take_out(t, (size_t)fd);
	spin_unlock(&t->lock);
	file_put(f);
	return 0;
}

int
fdtable_get_cloexec(struct fdtable *t, int fd)
{
	spin_lock(&t->lock);
	int result = file_at(t, fd) == NULL ? -EBADF : bitmap_test(t->cloexec, (size_t)fd);
	spin_unlock(&t->lock);
	return result;
}

int
fdtable_set_cloexec(struct fdtable *t, int fd, bool on)
{
	spin_lock(&t->lock);
	bool open = file_at(t, fd) != NULL;
	if (open && on)
		bitmap_set(t->cloexec, (size_t)fd);
	else if (open)
		bitmap_clear(t->cloexec, (size_t)fd);
	spin_unlock(&t->lock);
	return open ? 0 : -EBADF;
}

void
fdtable_close_on_exec(struct fdtable *t)
{
	for (size_t fd = 0;; fd++) {
		struct file *f = NULL;
		spin_lock(&t->lock);
		fd = bitmap_find_set(t->cloexec, t->size, fd);
		bool end = fd >= t->size;
		if (!end)
			f = take_out(t, fd);
		spin_unlock(&t->lock);
		if (end)
			return;
		if (f != NULL)
			file_put(f);
	}
}

unsigned
fdtable_count(struct fdtable *t)
{
	unsigned n = 0;

	spin_lock(&t->lock);
	for (size_t fd = next_open(t, 0); fd < t->size; fd = next_open(t, fd + 1))
		n++;
	spin_unlock(&t->lock);
	return n;
}
