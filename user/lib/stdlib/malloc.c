// SPDX-License-Identifier: MIT
/*
 * The heap.
 *
 * Memory comes from the program's break and is cut into chunks, each with a
 * header of 16 bytes that holds its own size and that of the chunk below:
 *
 *	| header | bytes given out ... | header | ... | header of size 0 |
 *
 *   1. Chunks touch: each is found from its neighbours.  Where the break was
 *      moved by somebody else a new run begins (below is 0), and each run ends
 *      with a header of size 0 that is never free.
 *   2. No two free chunks touch: free() joins them.
 *   3. A free chunk is in the list of its bin, linked through the bytes that
 *      it would give out.  Bins hold one size each up to 1 KiB, then four bins
 *      for each power of two; a bitmap tells which are not empty.
 *   4. What is large is mapped on its own, and unmapped when freed.
 *
 * A header also holds a tag made from its address.  With it and the neighbour's
 * size, free() and realloc() know a chunk in use from one already free, from
 * a wrong pointer, and from one whose header was overwritten, and end the
 * program at once with a line that says which.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define UNIT       16           // sizes and addresses are multiples of it
#define GROW       (64 * 1024)  // the break moves by multiples of this
#define TRIM       (256 * 1024) // and goes back when so much is free at the end
#define MAP_MIN    (256 * 1024) // from here on chunks are mapped
#define PAGE       4096
#define SIZE_LIMIT ((size_t)1 << 46)

#define SMALL_BINS 64 // one size each: 0 to 1008
#define BINS       (SMALL_BINS + 4 * 37)

struct chunk {
	size_t below; // size of the chunk below, 0 if there is none
	size_t size;  // with the header; low bits are state, the top 16 a tag
};

enum {
	USED = 1,
	MAPPED = 2,
	STATE = 15,
	TAG_SHIFT = 48,
};

struct free_chunk {
	struct chunk header;
	struct free_chunk *next;
	struct free_chunk *previous;
};

_Static_assert(sizeof(struct chunk) == UNIT, "a header is one unit");
#define CHUNK_MIN sizeof(struct free_chunk)

static struct free_chunk *bins[BINS];
static uint64_t not_empty[(BINS + 63) / 64];
static struct chunk *fence; // the header that ends the last run

/*
 * Say what is wrong with memory, without using any, and die.
 */
static _Noreturn void
die(const char *what, const void *memory)
{
	char text[96] = "malloc: 0x";
	char *p = text + strlen(text);

	for (int shift = 44; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[(uintptr_t)memory >> shift & 15];
	*p++ = ' ';
	strcpy(p, what);
	write(STDERR_FILENO, text, strlen(text));
	abort();
}

static size_t
tag_of(const struct chunk *c)
{
	uintptr_t address = (uintptr_t)c / UNIT;

	return ((address * 0x9e3779b97f4a7c15) | (size_t)1 << 63) >> TAG_SHIFT << TAG_SHIFT;
}

static void
set_size(struct chunk *c, size_t size, size_t state)
{
	c->size = tag_of(c) | size | state;
}

static size_t
size_of(const struct chunk *c)
{
	return c->size & (((size_t)1 << TAG_SHIFT) - 1) & ~(size_t)STATE;
}

static struct chunk *
above(struct chunk *c)
{
	return (struct chunk *)((char *)c + size_of(c));
}

static void *
memory_of(struct chunk *c)
{
	return c + 1;
}

static bool
is_free(const struct chunk *c)
{
	return !(c->size & USED);
}

/*
 * The chunk of memory that a program hands back.
 */
static struct chunk *
chunk_of(void *memory)
{
	struct chunk *c = (struct chunk *)memory - 1;

	if ((uintptr_t)memory % UNIT != 0)
		die("was not allocated\n", memory);
	if (c->size >> TAG_SHIFT << TAG_SHIFT != tag_of(c))
		die("was not allocated, or what lies before it was overwritten\n", memory);
	if (is_free(c))
		die("is already free\n", memory);
	if (!(c->size & MAPPED) && above(c)->below != size_of(c))
		die("was written to beyond its end\n", memory);
	return c;
}

static int
bin_of(size_t size)
{
	int log;

	if (size < SMALL_BINS * UNIT)
		return (int)(size / UNIT);
	log = 63 - __builtin_clzl(size);
	return SMALL_BINS + (log - 10) * 4 + (int)(size >> (log - 2) & 3);
}

static void
bin_insert(struct chunk *c)
{
	struct free_chunk *f = (struct free_chunk *)c;
	int bin = bin_of(size_of(c));

	f->previous = NULL;
	f->next = bins[bin];
	if (f->next != NULL)
		f->next->previous = f;
	bins[bin] = f;
	not_empty[bin / 64] |= (uint64_t)1 << (bin % 64);
}

static void
bin_remove(struct chunk *c)
{
	struct free_chunk *f = (struct free_chunk *)c;
	int bin = bin_of(size_of(c));

	if ((f->next != NULL && f->next->previous != f) ||
	    (f->previous == NULL ? bins[bin] : f->previous->next) != f)
		die("was written to after it was freed\n", memory_of(c));
	if (f->next != NULL)
		f->next->previous = f->previous;
	if (f->previous != NULL)
		f->previous->next = f->next;
	else
		bins[bin] = f->next;
	if (bins[bin] == NULL)
		not_empty[bin / 64] &= ~((uint64_t)1 << (bin % 64));
}

/*
 * The first bin from bin on that is not empty, or -1.
 */
static int
next_bin(int bin)
{
	while (bin < BINS) {
		uint64_t word = not_empty[bin / 64] >> (bin % 64);

		if (word != 0)
			return bin + __builtin_ctzl(word);
		bin = (bin / 64 + 1) * 64;
	}
	return -1;
}

/*
 * Take a free chunk of at least size bytes out of its bin, or return NULL.
 * Chunks of the size's own bin may be too small; those of later ones are not.
 */
static struct chunk *
find_free(size_t size)
{
	int bin = bin_of(size);

	for (struct free_chunk *f = bins[bin]; f != NULL; f = f->next) {
		if (size_of(&f->header) >= size) {
			bin_remove(&f->header);
			return &f->header;
		}
	}
	bin = next_bin(bin + 1);
	if (bin < 0)
		return NULL;
	struct chunk *c = &bins[bin]->header;

	bin_remove(c);
	return c;
}

/*
 * Make c free, joined with free neighbours, and return the result; it is in no
 * bin yet.
 */
static struct chunk *
join(struct chunk *c)
{
	struct chunk *next = above(c);
	size_t size = size_of(c);

	if (is_free(next)) {
		bin_remove(next);
		size += size_of(next);
	}
	if (c->below != 0) {
		struct chunk *previous = (struct chunk *)((char *)c - c->below);

		if (is_free(previous)) {
			bin_remove(previous);
			size += size_of(previous);
			set_size(c, size_of(c), 0);
			c = previous;
		}
	}
	set_size(c, size, 0);
	above(c)->below = size;
	return c;
}

/*
 * Cut c, in use, down to size; the rest becomes free.
 */
static void
split(struct chunk *c, size_t size)
{
	size_t rest = size_of(c) - size;
	struct chunk *next;

	if (rest < CHUNK_MIN)
		return;
	set_size(c, size, USED);
	next = above(c);
	next->below = size;
	set_size(next, rest, USED);
	above(next)->below = rest;
	bin_insert(join(next));
}

/*
 * Move the break so that a free chunk of at least size bytes comes to be, and
 * return it, in no bin; or NULL.
 */
static struct chunk *
grow(size_t size)
{
	size_t room = (size + 2 * sizeof(struct chunk) + GROW - 1) / GROW * GROW;
	char *start = sbrk((intptr_t)room);
	struct chunk *c;

	if (start == (void *)-1)
		return NULL;
	if (fence != NULL && start == memory_of(fence)) {
		c = fence;
		set_size(c, room, USED);
	} else {
		size_t skip = -(uintptr_t)start % UNIT;

		c = (struct chunk *)(start + skip);
		c->below = 0;
		set_size(c, (room - skip - sizeof(*c)) / UNIT * UNIT, USED);
	}
	fence = above(c);
	fence->below = size_of(c);
	set_size(fence, 0, USED);
	return join(c);
}

/*
 * Give back what is free at the end of the heap, if that is much.
 */
static void
trim(struct chunk *c)
{
	size_t give;

	if (above(c) != fence || size_of(c) < TRIM || sbrk(0) != memory_of(fence))
		return;
	give = (size_of(c) - GROW) / PAGE * PAGE;
	if (sbrk(-(intptr_t)give) == (void *)-1)
		return;
	set_size(c, size_of(c) - give, 0);
	fence = above(c);
	fence->below = size_of(c);
	set_size(fence, 0, USED);
}

static void *
map(size_t size)
{
	size_t room = (size + sizeof(struct chunk) + PAGE - 1) / PAGE * PAGE;
	struct chunk *c =
		mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (c == MAP_FAILED)
		return NULL;
	c->below = 0;
	set_size(c, room, USED | MAPPED);
	return memory_of(c);
}

/*
 * The size of a chunk with room for so many bytes, or 0 with errno set if that
 * is beyond reason.
 */
static size_t
chunk_size(size_t bytes)
{
	if (bytes > SIZE_LIMIT) {
		errno = ENOMEM;
		return 0;
	}
	bytes = (bytes + sizeof(struct chunk) + UNIT - 1) / UNIT * UNIT;
	return bytes < CHUNK_MIN ? CHUNK_MIN : bytes;
}

static struct chunk *
take(size_t size)
{
	struct chunk *c = find_free(size);

	if (c == NULL)
		c = grow(size);
	if (c == NULL)
		return NULL;
	set_size(c, size_of(c), USED);
	split(c, size);
	return c;
}

void *
malloc(size_t bytes)
{
	size_t size = chunk_size(bytes);
	struct chunk *c;

	if (size == 0)
		return NULL;
	if (size >= MAP_MIN)
		return map(bytes);
	c = take(size);
	return c == NULL ? NULL : memory_of(c);
}

void
free(void *memory)
{
	int error = errno;
	struct chunk *c;

	if (memory == NULL)
		return;
	c = chunk_of(memory);
	if (c->size & MAPPED) {
		munmap(c, size_of(c));
	} else {
		c = join(c);
		trim(c);
		bin_insert(c);
	}
	errno = error;
}

void *
calloc(size_t count, size_t size)
{
	size_t bytes;
	void *memory;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	memory = malloc(bytes);
	if (memory != NULL && !(((struct chunk *)memory - 1)->size & MAPPED))
		memset(memory, 0, bytes);
	return memory;
}

/*
 * Try to make c, not mapped, as large as size where it lies.
 */
static bool
extend(struct chunk *c, size_t size)
{
	struct chunk *next = above(c);
	size_t both = size_of(c) + size_of(next);

	if (size_of(c) < size) {
		if (!is_free(next) || both < size)
			return false;
		bin_remove(next);
		set_size(c, both, USED);
		above(c)->below = both;
	}
	split(c, size);
	return true;
}

void *
realloc(void *memory, size_t bytes)
{
	size_t size = chunk_size(bytes);
	struct chunk *c;
	size_t old;
	void *copy;

	if (memory == NULL)
		return malloc(bytes);
	if (size == 0)
		return NULL;
	c = chunk_of(memory);
	if (!(c->size & MAPPED) && extend(c, size))
		return memory;
	old = size_of(c) - sizeof(*c);
	if ((c->size & MAPPED) && bytes <= old && bytes > old / 2)
		return memory;
	copy = malloc(bytes);
	if (copy == NULL)
		return NULL;
	memcpy(copy, memory, old < bytes ? old : bytes);
	free(memory);
	return copy;
}

void *
reallocarray(void *memory, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(memory, bytes);
}

/*
 * Take a chunk that is too large by the alignment, and free what lies before
 * the first aligned place that leaves room for a chunk.
 */
int
posix_memalign(void **result, size_t alignment, size_t bytes)
{
	size_t size = chunk_size(bytes);
	uintptr_t memory;
	struct chunk *c;
	size_t before;

	if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
		return EINVAL;
	if (size == 0 || alignment > SIZE_LIMIT)
		return ENOMEM;
	if (alignment < UNIT)
		alignment = UNIT;
	c = take(size + alignment + CHUNK_MIN);
	if (c == NULL)
		return ENOMEM;
	memory = (uintptr_t)memory_of(c);
	if (memory % alignment != 0) {
		memory = (memory + CHUNK_MIN + alignment - 1) & -alignment;
		before = memory - (uintptr_t)memory_of(c);
		struct chunk *aligned = (struct chunk *)memory - 1;

		aligned->below = before;
		set_size(aligned, size_of(c) - before, USED);
		above(aligned)->below = size_of(aligned);
		set_size(c, before, USED);
		bin_insert(join(c));
		c = aligned;
	}
	split(c, size);
	*result = memory_of(c);
	return 0;
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	void *memory;
	int error = posix_memalign(&memory, alignment < UNIT ? UNIT : alignment, size);

	if (error != 0) {
		errno = error;
		return NULL;
	}
	return memory;
}
