// SPDX-License-Identifier: MIT
/*
 * Pipes and FIFOs.
 *
 * A pipe is a ring of bytes in pages that are had when they are first written
 * to; once it is empty it starts at its first page again and gives the others
 * back.  `head` bytes were read and `tail` written since then.
 *
 *   1. Everything is under the pipe's mutex, the copies too; so a write that
 *      found room for all it has is one piece.
 *   2. A write of up to PIPE_BUF bytes waits for room for all of them, a longer
 *      one for any, piece by piece.
 *   3. Readers are woken when there are bytes, writers when there is room for
 *      PIPE_BUF; one at a time, and each, when it is done, wakes the next if
 *      there is still cause.  The end of the other side wakes all.
 *   4. It lives as long as an open file refers to it: the two of pipe(2), or
 *      those of a FIFO, whose vnode points at it meanwhile.
 *
 * An open of a FIFO counts itself and waits, if the other side is not open at
 * that moment, until the count of its openings has moved; so one who opens and
 * closes at once is not missed.
 */
#include "vfs/pipe.h"

#include "abi/errno.h"
#include "abi/ioctl.h"
#include "abi/limits.h"
#include "arch/time.h"
#include "lib/math.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "sched/clock.h"
#include "sync/condition.h"
#include "vfs/dirops.h"
#include "vfs/vnode_lock.h"
#include "vm/usercopy.h"

#define PIPE_PAGES 16
#define PIPE_SIZE  (PIPE_PAGES * PAGE_SIZE)

// One side: who has it open, and who waits for its turn.
struct side {
	struct condition turn;
	uint32_t open;     // files
	uint32_t waiting;  // threads
	uint64_t openings; // ever
};

/*
 *   I  fixed when made
 *   p  lock
 *   v  the FIFO's vnode, locked for VOP_OPEN
 */
struct pipe {
	struct mutex lock;             // p
	struct side read;              // [p]
	struct side write;             // [p]
	struct condition opened;       // a FIFO's side was opened
	struct page *page[PIPE_PAGES]; // [p]
	uint64_t head;                 // [p]
	uint64_t tail;                 // [p]
	uint32_t files;                // [p]
	uint64_t number;               // [I]
	uint64_t made_ns;              // [I] since 1970
};

static struct lock_class pipe_class = LOCK_CLASS("pipe", RANK_PIPE);

static uint32_t pipes;       // atomic
static uint64_t pipe_number; // atomic

unsigned
pipe_count(void)
{
	return __atomic_load_n(&pipes, __ATOMIC_RELAXED);
}

static struct pipe *
pipe_alloc(void)
{
	struct pipe *p = heap_zalloc(sizeof *p);

	if (p == NULL)
		return NULL;
	mutex_init(&p->lock, &pipe_class);
	condition_init(&p->read.turn, "bytes in a pipe");
	condition_init(&p->write.turn, "room in a pipe");
	condition_init(&p->opened, "the other end of a FIFO");
	p->number = __atomic_add_fetch(&pipe_number, 1, __ATOMIC_RELAXED);
	p->made_ns = clock_realtime_ns();
	__atomic_fetch_add(&pipes, 1, __ATOMIC_RELAXED);
	return p;
}

static void
free_pages_from(struct pipe *p, unsigned first)
{
	for (unsigned i = first; i < PIPE_PAGES; i++) {
		if (p->page[i] != NULL)
			page_put(p->page[i]);
		p->page[i] = NULL;
	}
}

static void
pipe_free(struct pipe *p)
{
	free_pages_from(p, 0);
	heap_free(p);
	__atomic_fetch_sub(&pipes, 1, __ATOMIC_RELAXED);
}

static uint64_t
used(const struct pipe *p)
{
	return p->tail - p->head;
}

static uint64_t
room(const struct pipe *p)
{
	return PIPE_SIZE - used(p);
}

// Wake who can go on.
static void
wake_next(struct pipe *p)
{
	if (p->read.waiting > 0 && (used(p) > 0 || p->write.open == 0))
		condition_signal(&p->read.turn);
	if (p->write.waiting > 0 && (room(p) >= PIPE_BUF || p->read.open == 0))
		condition_signal(&p->write.turn);
}

static int
wait_turn(struct pipe *p, struct side *side, const struct file *f)
{
	if (__atomic_load_n(&f->flags, __ATOMIC_RELAXED) & O_NONBLOCK)
		return -EAGAIN;
	side->waiting++;
	int error = condition_wait(&side->turn, &p->lock, SLEEP_INTERRUPTIBLE, DEADLINE_NONE);
	side->waiting--;
	return error;
}

// The bytes of the ring from `at` on that lie in one page; *n is cut to them.
static void *
piece(struct pipe *p, uint64_t at, uint64_t *n)
{
	uint64_t in_page = at % PAGE_SIZE;
	struct page **page = &p->page[at / PAGE_SIZE % PIPE_PAGES];

	*n = MIN(*n, PAGE_SIZE - in_page);
	if (*page == NULL)
		*page = page_alloc(0);
	return *page == NULL ? NULL : (char *)page_to_virt(*page) + in_page;
}

// Copy up to n bytes from the ring to the reader, or from the writer to it.
static int
copy(struct pipe *p, struct uio *uio, uint64_t *position, uint64_t n)
{
	while (n > 0) {
		uint64_t size = n, left = uio->left;
		void *bytes = piece(p, *position, &size);
		if (bytes == NULL)
			return -ENOMEM;
		int error = uio_copy(uio, bytes, size);
		*position += left - uio->left;
		if (error != 0)
			return error;
		n -= size;
	}
	return 0;
}

// The pipe is empty.
static void
start_over(struct pipe *p)
{
	if (p->tail > PAGE_SIZE)
		free_pages_from(p, 1);
	p->head = 0;
	p->tail = 0;
}

static int
pipe_read(struct file *f, struct uio *uio)
{
	struct pipe *p = f->data;
	int error = 0;

	mutex_lock(&p->lock);
	while (error == 0 && used(p) == 0 && p->write.open > 0)
		error = wait_turn(p, &p->read, f);
	if (error == 0)
		error = copy(p, uio, &p->head, MIN(used(p), uio->left));
	if (used(p) == 0)
		start_over(p);
	wake_next(p);
	mutex_unlock(&p->lock);
	return error;
}

static int
pipe_write(struct file *f, struct uio *uio)
{
	struct pipe *p = f->data;
	uint64_t wanted = uio->left <= PIPE_BUF ? uio->left : 1;
	int error = 0;

	mutex_lock(&p->lock);
	while (error == 0 && uio->left > 0) {
		if (p->read.open == 0) {
			error = -EPIPE;
		} else if (room(p) < wanted) {
			error = wait_turn(p, &p->write, f);
		} else {
			error = copy(p, uio, &p->tail, MIN(room(p), uio->left));
			wake_next(p);
		}
	}
	wake_next(p);
	mutex_unlock(&p->lock);
	return error;
}

static int
pipe_ioctl(struct file *f, uint64_t request, uaddr_t argument)
{
	struct pipe *p = f->data;

	if (request != FIONREAD)
		return -ENOTTY;
	mutex_lock(&p->lock);
	int32_t n = (int32_t)used(p);
	mutex_unlock(&p->lock);
	return copy_out(argument, &n, sizeof n);
}

static int
pipe_stat(struct file *f, struct stat *st)
{
	struct pipe *p = f->data;

	if (f->vnode != NULL)
		return vnode_stat(f->vnode, st);
	memset(st, 0, sizeof *st);
	st->st_mode = S_IFIFO | 0600;
	st->st_ino = p->number;
	st->st_nlink = 1;
	st->st_blksize = PIPE_BUF;
	st->st_mtim.tv_sec = (time_t)(p->made_ns / NS_PER_SEC);
	st->st_mtim.tv_nsec = (int64_t)(p->made_ns % NS_PER_SEC);
	st->st_atim = st->st_mtim;
	st->st_ctim = st->st_mtim;
	return 0;
}

// ---- Coming and going ------------------------------------------------------

static bool
has_side(const struct file *f, uint32_t mode)
{
	uint32_t access = __atomic_load_n(&f->flags, __ATOMIC_RELAXED) & O_ACCMODE;

	return access == mode || access == O_RDWR;
}

static void
enter(struct pipe *p, struct side *side)
{
	side->open++;
	side->openings++;
	condition_broadcast(&p->opened);
}

static void
leave(struct side *side, struct side *other)
{
	if (--side->open == 0)
		condition_broadcast(&other->turn);
}

// f is one of the pipe's files no longer.  Returns whether it was the last.
static bool
detach(struct pipe *p, const struct file *f)
{
	mutex_lock(&p->lock);
	if (has_side(f, O_RDONLY))
		leave(&p->read, &p->write);
	if (has_side(f, O_WRONLY))
		leave(&p->write, &p->read);
	bool last = --p->files == 0;
	mutex_unlock(&p->lock);
	return last;
}

static void
pipe_close(struct file *f)
{
	struct pipe *p = f->data;
	struct vnode *v = f->vnode;

	// Who opens the FIFO finds the pipe or none, never one that is going.
	if (v != NULL)
		vnode_lock(v, VOP_OPEN, VROLE_FILE);
	bool last = detach(p, f);
	if (v != NULL) {
		if (last)
			v->pipe = NULL;
		vnode_unlock(v, VOP_OPEN, VROLE_FILE);
	}
	if (last)
		pipe_free(p);
}

static const struct file_ops pipe_ops = {
	.name = "pipe",
	.read = pipe_read,
	.write = pipe_write,
	.ioctl = pipe_ioctl,
	.stat = pipe_stat,
	.close = pipe_close,
};

int
pipe_create(uint32_t flags, struct file **reader, struct file **writer)
{
	int error = -ENOMEM;

	struct pipe *p = pipe_alloc();
	if (p == NULL)
		return -ENOMEM;
	*reader = file_alloc(&pipe_ops, O_RDONLY | (flags & O_NONBLOCK), &error);
	if (*reader == NULL)
		goto free_pipe;
	*writer = file_alloc(&pipe_ops, O_WRONLY | (flags & O_NONBLOCK), &error);
	if (*writer == NULL)
		goto free_reader;
	(*reader)->data = p;
	(*writer)->data = p;
	p->read.open = 1;
	p->write.open = 1;
	p->files = 2;
	return 0;
free_reader:
	(*reader)->ops = &file_vnode_ops; // it has no pipe to close
	file_put(*reader);
free_pipe:
	pipe_free(p);
	return error;
}

// The side that f waits for when it opens a FIFO, or NULL if it has both.
static struct side *
other_side(struct pipe *p, const struct file *f)
{
	if (!has_side(f, O_WRONLY))
		return &p->write;
	return has_side(f, O_RDONLY) ? NULL : &p->read;
}

// Count f into the FIFO's pipe, which is made if it is the first.  When the other
// side has been opened more than *before times, it is or was there together with f.
static int
attach(struct vnode *v, struct file *f, uint64_t *before)
{
	struct pipe *p = v->pipe;

	if (p == NULL) {
		p = pipe_alloc();
		if (p == NULL)
			return -ENOMEM;
		v->pipe = p;
	}
	mutex_lock(&p->lock);
	p->files++;
	if (has_side(f, O_RDONLY))
		enter(p, &p->read);
	if (has_side(f, O_WRONLY))
		enter(p, &p->write);
	const struct side *other = other_side(p, f);
	*before = other != NULL ? other->openings - (other->open > 0) : 0;
	mutex_unlock(&p->lock);
	f->data = p;
	f->ops = &pipe_ops;
	return 0;
}

// Wait until the other side has been opened more than `before` times.
static int
wait_for_side(struct pipe *p, const struct side *other, uint64_t before)
{
	int error = 0;

	while (error == 0 && other->openings == before)
		error = condition_wait(&p->opened, &p->lock, SLEEP_INTERRUPTIBLE, DEADLINE_NONE);
	return error;
}

int
pipe_open_fifo(struct vnode *v, struct file *f)
{
	uint64_t before;

	vnode_lock(v, VOP_OPEN, VROLE_TARGET);
	int error = attach(v, f, &before);
	vnode_unlock(v, VOP_OPEN, VROLE_TARGET);
	if (error != 0)
		return error;
	// From here on, close() undoes what was done.
	struct pipe *p = f->data;
	const struct side *other = other_side(p, f);
	if (other == NULL)
		return 0;
	mutex_lock(&p->lock);
	if (!(__atomic_load_n(&f->flags, __ATOMIC_RELAXED) & O_NONBLOCK))
		error = wait_for_side(p, other, before);
	else if (other == &p->read && other->open == 0)
		error = -ENXIO;
	mutex_unlock(&p->lock);
	return error;
}
