// SPDX-License-Identifier: MIT
/*
 * The heap: random use with every byte checked, memory that runs out, a break
 * that others move, what is given back, and each kind of misuse.
 *
 * The break is an array here; mapped chunks come from the host's mmap().
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "unit.h"

void *lib_malloc(size_t size);
void *lib_calloc(size_t count, size_t size);
void *lib_realloc(void *memory, size_t size);
void *lib_reallocarray(void *memory, size_t count, size_t size);
void *lib_aligned_alloc(size_t alignment, size_t size);
int lib_posix_memalign(void **memory, size_t alignment, size_t size);
void lib_free(void *memory);

void *lib_sbrk(intptr_t increment);
void *lib_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int lib_munmap(void *address, size_t length);
ssize_t lib_write(int fd, const void *data, size_t count);
_Noreturn void lib_abort(void);

#define ARENA (64 << 20)
#define SLOTS 400

static _Alignas(4096) char arena[ARENA];
static size_t arena_used;
static size_t arena_limit = ARENA;
static long mapped;

static jmp_buf after_abort;
static char message[256];

void *
lib_sbrk(intptr_t increment)
{
	char *old = arena + arena_used;

	if (increment > 0 && (size_t)increment > arena_limit - arena_used) {
		unit_errno = ENOMEM;
		return (void *)-1;
	}
	arena_used += (size_t)increment;
	return old;
}

void *
lib_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	mapped++;
	return mmap(address, length, protection, flags, fd, offset);
}

int
lib_munmap(void *address, size_t length)
{
	mapped--;
	return munmap(address, length);
}

ssize_t
lib_write(int fd, const void *data, size_t count)
{
	CHECK(fd == 2);
	CHECK(count < sizeof(message));
	memcpy(message, data, count);
	message[count] = '\0';
	return (ssize_t)count;
}

_Noreturn void
lib_abort(void)
{
	longjmp(after_abort, 1);
}

struct slot {
	unsigned char *memory;
	size_t size;
	unsigned char fill;
};

static size_t
random_size(void)
{
	switch (unit_below(20)) {
	case 0:
		return 0;
	case 1:
		return unit_below(2) == 0 ? unit_below(400000) : unit_below(2000);
	case 2:
	case 3:
		return unit_below(20000);
	default:
		return unit_below(300);
	}
}

static void
fill(struct slot *s)
{
	s->fill = (unsigned char)unit_random();
	memset(s->memory, s->fill, s->size);
	CHECK((uintptr_t)s->memory % 16 == 0);
}

static int
intact(const struct slot *s, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (s->memory[i] != s->fill)
			return 0;
	}
	return 1;
}

static void
release(struct slot *s)
{
	CHECK(intact(s, s->size));
	lib_free(s->memory);
	*s = (struct slot){ 0 };
}

static void
step(struct slot *s)
{
	size_t size = random_size();

	if (s->memory == NULL) {
		if (unit_below(4) == 0) {
			s->memory = lib_calloc(1, size);
			s->fill = 0;
			CHECK(s->memory != NULL && intact(s, size));
		} else if (unit_below(8) == 0) {
			size_t alignment = (size_t)16 << unit_below(10);

			s->memory = lib_aligned_alloc(alignment, size);
			CHECK((uintptr_t)s->memory % alignment == 0);
		} else {
			s->memory = lib_malloc(size);
		}
		CHECK(s->memory != NULL);
		s->size = size;
		fill(s);
	} else if (unit_below(3) == 0) {
		unsigned char *moved = lib_realloc(s->memory, size);

		CHECK(moved != NULL);
		s->memory = moved;
		CHECK(intact(s, s->size < size ? s->size : size));
		s->size = size;
		fill(s);
	} else {
		release(s);
	}
}

static void
test_random_use(void)
{
	static struct slot slots[SLOTS];

	for (int i = 0; i < 60000; i++) {
		step(&slots[unit_below(SLOTS)]);
		if (i % 10000 == 5000)
			lib_sbrk((intptr_t)unit_below(100)); // somebody else's
	}
	for (int i = 0; i < SLOTS; i++)
		release(&slots[i]);
	CHECK(mapped == 0);
}

/*
 * After all is freed, what was one run is one chunk again and mostly given back.
 */
static void
test_gives_back(void)
{
	enum { COUNT = 2000 };
	static void *memory[COUNT];
	size_t before = arena_used;
	size_t high;

	for (int i = 0; i < COUNT; i++)
		memory[i] = lib_malloc(4000);
	high = arena_used;
	CHECK(high - before > COUNT * 3000UL);
	for (int i = 0; i < COUNT; i += 2)
		lib_free(memory[i]);
	for (int i = 1; i < COUNT; i += 2)
		lib_free(memory[i]);
	CHECK(arena_used < before + 400000);
	for (int i = 0; i < COUNT; i++)
		memory[i] = lib_malloc(4000);
	CHECK(arena_used <= high + 65536);
	for (int i = COUNT; i-- > 0;)
		lib_free(memory[i]);
	CHECK(arena_used < before + 400000);
}

static void
test_runs_out(void)
{
	static void *memory[100000];
	int count = 0;

	arena_limit = arena_used + 1000000;
	unit_errno = 0;
	while (count < 100000 && (memory[count] = lib_malloc(1000)) != NULL)
		count++;
	CHECK(count > 800 && count < 100000);
	CHECK(unit_errno == ENOMEM);
	unit_errno = 7;
	while (count-- > 0)
		lib_free(memory[count]);
	CHECK(unit_errno == 7);
	arena_limit = ARENA;
	memory[0] = lib_malloc(100000);
	CHECK(memory[0] != NULL);
	lib_free(memory[0]);
}

static void
test_too_large(void)
{
	void *memory = NULL;

	unit_errno = 0;
	CHECK(lib_malloc(SIZE_MAX) == NULL && unit_errno == ENOMEM);
	unit_errno = 0;
	CHECK(lib_calloc(SIZE_MAX / 2, 3) == NULL && unit_errno == ENOMEM);
	unit_errno = 0;
	CHECK(lib_reallocarray(NULL, SIZE_MAX / 2, 3) == NULL && unit_errno == ENOMEM);
	CHECK(lib_posix_memalign(&memory, 3, 10) == EINVAL);
	CHECK(lib_posix_memalign(&memory, 32, SIZE_MAX) == ENOMEM);
	memory = lib_malloc(50);
	CHECK(lib_realloc(memory, SIZE_MAX) == NULL); // and memory stays
	lib_free(memory);
	lib_free(NULL);
}

/*
 * Run misuse() and see it end in abort() with a message that says so.
 */
static void
expect_death(void (*misuse)(void), const char *text)
{
	message[0] = '\0';
	if (setjmp(after_abort) == 0) {
		misuse();
		unit_fail(__FILE__, __LINE__, "not noticed: %s", text);
	}
	unit_checks++;
	if (strstr(message, text) == NULL)
		unit_fail(__FILE__, __LINE__, "'%s' does not say '%s'", message, text);
}

static void
free_twice(void)
{
	char *p = lib_malloc(100);
	char *other = lib_malloc(100);

	lib_free(p);
	lib_free(p);
	lib_free(other);
}

static void
free_twice_joined(void)
{
	char *p = lib_malloc(100), *q = lib_malloc(100), *wall = lib_malloc(100);

	lib_free(p);
	lib_free(q); // is now part of the chunk of p
	lib_free(q);
	lib_free(wall);
}

static void
realloc_freed(void)
{
	char *p = lib_malloc(64);
	char *wall = lib_malloc(64);

	lib_free(p);
	lib_realloc(p, 10);
	lib_free(wall);
}

static void
free_inner(void)
{
	char *p = lib_calloc(1, 100);

	lib_free(p + 16);
}

static void
free_odd(void)
{
	char *p = lib_malloc(100);

	lib_free(p + 3);
}

static void
free_other(void)
{
	static _Alignas(16) char not_heap[64];

	lib_free(not_heap + 32);
}

static void
write_beyond(void)
{
	char *p = lib_malloc(100), *q = lib_malloc(100);

	memset(p, 0, 130);
	lib_free(p);
	lib_free(q);
}

static void
write_freed(void)
{
	char *p = lib_malloc(200), *wall = lib_malloc(200);

	lib_free(p);
	memset(p, 0x41, 16);
	p = lib_malloc(200);
	lib_free(p);
	lib_free(wall);
}

int
main(void)
{
	test_gives_back(); // as long as the heap is one run
	test_random_use();
	test_runs_out();
	test_too_large();
	// Each of these leaves the heap the worse for it: they come last.
	expect_death(free_twice, "already free");
	expect_death(free_twice_joined, "already free");
	expect_death(realloc_freed, "already free");
	expect_death(free_inner, "was not allocated");
	expect_death(free_odd, "was not allocated");
	expect_death(free_other, "was not allocated");
	expect_death(write_beyond, "beyond its end");
	expect_death(write_freed, "after it was freed");
	return unit_end(60000);
}
