// SPDX-License-Identifier: MIT
#include "mm/heap.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/failure_impl.h"
#include "fakes/fake.h"

static uint64_t blocks;
static uint64_t bytes;
static struct failure failure;

void *
heap_alloc(size_t size)
{
	if (failure_now(&failure))
		return NULL;
	void *p = malloc(size);
	CHECK(p != NULL);
	memset(p, 0xa5, size);
	blocks++;
	bytes += malloc_usable_size(p);
	return p;
}

void *
heap_zalloc(size_t size)
{
	void *p = heap_alloc(size);

	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void *
heap_alloc_array(size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return NULL;
	return heap_zalloc(total);
}

char *
heap_copy_string(const char *s)
{
	char *copy = heap_alloc(strlen(s) + 1);

	if (copy != NULL)
		strcpy(copy, s);
	return copy;
}

void
heap_free(void *p)
{
	if (p == NULL)
		return;
	blocks--;
	bytes -= malloc_usable_size(p);
	free(p);
}

uint64_t
heap_used_bytes(void)
{
	return bytes;
}

uint64_t
heap_used_blocks(void)
{
	return blocks;
}

uint64_t
fake_heap_blocks(void)
{
	return blocks;
}

void
fake_heap_fail(uint64_t n)
{
	failure_set(&failure, n, false);
}

void
fake_heap_fail_all(uint64_t n)
{
	failure_set(&failure, n, true);
}

uint64_t
fake_heap_asked(void)
{
	return failure.asked;
}
