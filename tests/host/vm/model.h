// SPDX-License-Identifier: MIT
/*
 * What the memory of programs is, page by page, without regions or page tables.
 *
 * Pages are kept for four windows of the address space, in order: the heap
 * (across a border of 2 MiB), a place across a border of 1 GiB, the place of
 * mappings without an address, and the stack.
 */
#pragma once

#include <stdlib.h>

#include "abi/errno.h"
#include "check.h"
#include "lib/math.h"
#include "vm/mmap.h"
#include "vm/vm_impl.h"

#define BRK_START   UINT64_C(0x201fd800)
#define STACK_TOP   UINT64_C(0x3ffffff000)
#define STACK_LIMIT (40 * PAGE_SIZE)

struct window {
	uaddr_t base;
	unsigned pages;
};

enum { WINDOW_HEAP, WINDOW_LOW, WINDOW_ANY, WINDOW_STACK, WINDOWS };

static const struct window windows[WINDOWS] = {
	[WINDOW_HEAP] = { 0x201fd000, 48 },
	[WINDOW_LOW] = { 0x3fff0000, 48 },
	[WINDOW_ANY] = { MMAP_TOP - 160 * PAGE_SIZE, 160 },
	[WINDOW_STACK] = { STACK_TOP - 360 * PAGE_SIZE, 360 },
};
#define PAGES (48 + 48 + 160 + 360)

// A page of shared memory.
struct cell {
	unsigned refs;
	uint64_t value;
};

struct model_page {
	bool mapped;
	bool stack;
	bool heap;
	uint32_t protection;
	uint64_t value;    // of private memory
	struct cell *cell; // of shared memory, else NULL
};

struct model {
	struct model_page page[PAGES];
	uaddr_t brk;
};

static uaddr_t
model_address(unsigned i)
{
	for (unsigned w = 0; w < WINDOWS; w++) {
		if (i < windows[w].pages)
			return windows[w].base + i * PAGE_SIZE;
		i -= windows[w].pages;
	}
	check_fail(__FILE__, __LINE__, "page %u is in no window", i);
}

static struct model_page *
model_at(struct model *m, uaddr_t va)
{
	unsigned first = 0;

	for (unsigned w = 0; w < WINDOWS; w++) {
		uint64_t i = (va - windows[w].base) >> PAGE_SHIFT;
		if (va >= windows[w].base && i < windows[w].pages)
			return &m->page[first + i];
		first += windows[w].pages;
	}
	return NULL;
}

static void
model_clear_page(struct model_page *p)
{
	if (p->cell != NULL && --p->cell->refs == 0)
		free(p->cell);
	*p = (struct model_page){ 0 };
}

static void
model_unmap(struct model *m, uaddr_t start, uaddr_t end)
{
	for (; start < end; start += PAGE_SIZE)
		if (model_at(m, start) != NULL)
			model_clear_page(model_at(m, start));
}

static void
model_map(struct model *m, uaddr_t start, uaddr_t end, struct model_page kind, bool shared)
{
	if (kind.protection & PTE_W)
		kind.protection |= PTE_R;
	kind.mapped = true;
	model_unmap(m, start, end);
	for (; start < end; start += PAGE_SIZE) {
		struct model_page *p = model_at(m, start);
		*p = kind;
		if (shared) {
			p->cell = calloc(1, sizeof(*p->cell));
			p->cell->refs = 1;
		}
	}
}

// 0, or -ENOMEM with nothing changed if part is not mapped.
static int
model_protect(struct model *m, uaddr_t start, uaddr_t end, uint32_t protection)
{
	for (uaddr_t va = start; va < end; va += PAGE_SIZE)
		if (!model_at(m, va)->mapped)
			return -ENOMEM;
	for (uaddr_t va = start; va < end; va += PAGE_SIZE)
		model_at(m, va)->protection = protection & PTE_W ? protection | PTE_R : protection;
	return 0;
}

static void
model_fork(const struct model *parent, struct model *child)
{
	*child = *parent;
	for (unsigned i = 0; i < PAGES; i++)
		if (child->page[i].cell != NULL)
			child->page[i].cell->refs++;
}

static void
model_free(struct model *m)
{
	for (unsigned i = 0; i < PAGES; i++)
		model_clear_page(&m->page[i]);
}

// Whether one region could have both pages: b's is the next one.
static bool
model_alike(const struct model_page *a, const struct model_page *b)
{
	return a->mapped && b->mapped && a->stack == b->stack && a->heap == b->heap &&
	       a->protection == b->protection && a->cell == NULL && b->cell == NULL;
}

// The first mapped page at or above va; its end of the run is *end.  0: none.
static uaddr_t
model_next(struct model *m, uaddr_t va, uaddr_t *end)
{
	for (unsigned i = 0; i < PAGES; i++) {
		uaddr_t at = model_address(i);
		if (at < va || !m->page[i].mapped)
			continue;
		*end = at + PAGE_SIZE;
		while (model_at(m, *end) != NULL &&
		       model_alike(model_at(m, *end - PAGE_SIZE), model_at(m, *end)))
			*end += PAGE_SIZE;
		return at;
	}
	return 0;
}

// Whether a mapping may be put into [start, end) without removing anything.
static bool
model_is_free(struct model *m, uaddr_t start, uaddr_t end)
{
	uaddr_t run_end;
	uaddr_t next = model_next(m, start, &run_end);

	if (next == 0)
		return true;
	return (model_at(m, next)->stack ? next - STACK_GAP : next) >= end;
}

// Where a mapping without an address must go.  0: not in the window.
static uaddr_t
model_highest_gap(struct model *m, uint64_t size)
{
	const struct window *w = &windows[WINDOW_ANY];

	for (uaddr_t at = MMAP_TOP - size; at >= w->base; at -= PAGE_SIZE) {
		bool clear = true;
		for (uaddr_t va = at; va < at + size; va += PAGE_SIZE)
			clear = clear && !model_at(m, va)->mapped;
		if (clear)
			return at;
	}
	return 0;
}

// A fault at va, where nothing is mapped: grow the stack if it may.
static bool
model_grow_stack(struct model *m, uaddr_t va)
{
	uaddr_t end, below = 0, next = model_next(m, va, &end);

	if (next == 0 || !model_at(m, next)->stack || end - va > STACK_LIMIT)
		return false;
	for (unsigned i = 0; i < PAGES && model_address(i) < va; i++)
		if (m->page[i].mapped)
			below = model_address(i) + PAGE_SIZE;
	if (va < below + STACK_GAP)
		return false;
	struct model_page kind = { .stack = true, .protection = model_at(m, next)->protection };
	model_map(m, va, next, kind, false);
	return true;
}
