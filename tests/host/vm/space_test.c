// SPDX-License-Identifier: MIT
// kernel: vm/space.c vm/region.c vm/anon.c vm/mmap.c vm/cow.c vm/fault.c vm/gather.c
// kernel: mm/pagetable.c lib/kstat.c lib/random.c
// fakes: page.c heap.c lock.c sync.c print.c time.c
/*
 * All of vm/ against a model, by random operations of several processes with
 * several threads on several harts; with and without allocations that fail.  What
 * things cost is in cost_test.c.
 */
#include "lib/random.h"
#include "machine.h"
#include "model.h"
#include "vm/entry.h"

#define SPACES  4
#define THREADS 6

struct process {
	struct space *space; // the process's own reference; NULL: unused
	struct model model;
	unsigned threads;
};

struct runner {
	struct thread thread;    // its space has a reference
	struct process *process; // NULL: unused
};

static struct process processes[SPACES];
static struct runner runners[THREADS];
static struct random dice;

static uint64_t
pick(uint64_t n)
{
	return random_next(&dice) % n;
}

static struct runner *
runner_on(unsigned h)
{
	for (unsigned i = 0; i < THREADS; i++)
		if (machine[h].current == &runners[i].thread)
			return &runners[i];
	return NULL;
}

// ---- Making and ending processes ---------------------------------------------

static struct runner *
make_runner(struct process *p, struct space *s)
{
	for (unsigned i = 0; i < THREADS; i++) {
		struct runner *r = &runners[i];
		if (r->process != NULL)
			continue;
		r->process = p;
		p->threads++;
		space_set_thread(&r->thread, s);
		return r;
	}
	return NULL;
}

static bool
room_for_runner(void)
{
	for (unsigned i = 0; i < THREADS; i++)
		if (runners[i].process == NULL)
			return true;
	return false;
}

static struct process *
unused_process(void)
{
	for (unsigned i = 0; i < SPACES; i++)
		if (processes[i].space == NULL)
			return &processes[i];
	return NULL;
}

static void
make_first(void)
{
	struct process *p = &processes[0];
	struct map_request q = {
		.address = STACK_TOP - 4 * PAGE_SIZE,
		.size = 4 * PAGE_SIZE,
		.fixed = true,
		.protection = PTE_R | PTE_W,
		.flags = REGION_STACK,
		.ops = &region_anonymous,
	};
	uaddr_t address;

	p->space = space_alloc();
	CHECK(p->space != NULL);
	p->space->brk_start = p->space->brk = p->model.brk = BRK_START;
	p->space->stack_limit = STACK_LIMIT;
	CHECK_EQ(mmap_map(p->space, &q, &address), 0);
	CHECK_EQ(address, q.address);
	struct model_page kind = { .stack = true, .protection = PTE_R | PTE_W };
	model_map(&p->model, q.address, STACK_TOP, kind, false);
	space_get(p->space);
	machine_switch(0, &make_runner(p, p->space)->thread);
}

// The thread on hart h ends, and its process with its last thread.
static void
end_runner(unsigned h)
{
	struct runner *r = runner_on(h);
	struct process *p = r->process;

	machine_go(h);
	space_put(space_set_current(NULL));
	machine_switch(h, &machine[h].idle);
	r->process = NULL;
	if (--p->threads > 0)
		return;
	space_put(p->space);
	p->space = NULL;
	model_free(&p->model);
}

// ---- Operations of the process on hart h -------------------------------------

// A page of one window, and a number of pages from there on within it.
static uaddr_t
pick_range(unsigned w, uint64_t *size)
{
	uint64_t first = pick(windows[w].pages);
	uint64_t pages = 1 + pick(24);

	*size = MIN(pages, windows[w].pages - first) * PAGE_SIZE;
	return windows[w].base + first * PAGE_SIZE;
}

static uaddr_t
pick_page(void)
{
	return model_address((unsigned)pick(PAGES));
}

static uint32_t
pick_protection(void)
{
	static const uint32_t some[] = { 0, PTE_R, PTE_R | PTE_W, PTE_W, PTE_X, PTE_R | PTE_X };

	return pick(3) == 0 ? some[pick(ARRAY_SIZE(some))] : PTE_R | PTE_W;
}

static uint64_t *
value_of(struct model_page *p)
{
	return p->cell != NULL ? &p->cell->value : &p->value;
}

static void
try_access(unsigned h, struct process *p, bool failing)
{
	static const uint32_t need[] = {
		[FAULT_READ] = PTE_R, [FAULT_WRITE] = PTE_W, [FAULT_EXEC] = PTE_X
	};
	uaddr_t va = pick_page();
	enum fault_access access = pick(3);
	uint64_t *word;

	int error = machine_access(h, va, access, &word);
	struct model_page *page = model_at(&p->model, va);
	if (!page->mapped)
		model_grow_stack(&p->model, va);
	bool allowed = page->mapped && (page->protection & need[access]) != 0;
	if (error == -ENOMEM) {
		CHECK(failing && allowed);
		return;
	}
	CHECK_EQ(error, allowed ? 0 : -EFAULT);
	if (error != 0)
		return;
	CHECK_EQ(*word, *value_of(page));
	if (access == FAULT_WRITE)
		*word = *value_of(page) = random_next(&dice);
}

static void
try_map(struct process *p, bool failing)
{
	unsigned w = (unsigned)pick(WINDOWS);
	struct map_request q = { .ops = &region_anonymous, .protection = pick_protection() };
	bool shared = pick(4) == 0;
	uaddr_t expected, got = 0;

	q.flags = shared ? REGION_SHARED : 0;
	q.address = pick_range(w, &q.size);
	q.fixed = pick(2) == 0;
	q.no_replace = q.fixed && pick(3) == 0;
	expected = q.address;
	bool clear = model_is_free(&p->model, q.address, q.address + q.size);
	if (!q.fixed && !clear)
		expected = model_highest_gap(&p->model, q.size);
	if (expected == 0)
		return;
	int error = mmap_map(p->space, &q, &got);
	if (q.no_replace) {
		bool taken = false;
		for (uaddr_t va = q.address; va < q.address + q.size; va += PAGE_SIZE)
			taken = taken || model_at(&p->model, va)->mapped;
		if (taken) {
			CHECK(error == -EEXIST || (failing && error == -ENOMEM));
			return;
		}
	}
	if (failing && error == -ENOMEM)
		return;
	CHECK_EQ(error, 0);
	CHECK_EQ(got, expected);
	struct model_page kind = { .protection = q.protection };
	model_map(&p->model, got, got + q.size, kind, shared);
}

static void
try_unmap(struct process *p, bool failing)
{
	uint64_t size;
	uaddr_t start = pick_range((unsigned)pick(WINDOWS), &size);

	int error = mmap_unmap(p->space, start, size);
	if (failing && error == -ENOMEM)
		return;
	CHECK_EQ(error, 0);
	model_unmap(&p->model, start, start + size);
}

static void
try_protect(struct process *p, bool failing)
{
	uint64_t size;
	uaddr_t start = pick_range((unsigned)pick(WINDOWS), &size);
	uint32_t protection = pick_protection();
	struct model before = p->model;

	int error = mmap_protect(p->space, start, size, protection);
	int expected = model_protect(&p->model, start, start + size, protection);
	if (failing && error == -ENOMEM)
		p->model = before;
	else
		CHECK_EQ(error, expected);
}

static void
try_brk(struct process *p, bool failing)
{
	struct model *m = &p->model;
	const struct window *w = &windows[WINDOW_HEAP];
	uaddr_t want = w->base + pick(w->pages * PAGE_SIZE);
	uaddr_t old_end = align_up(m->brk, PAGE_SIZE);
	uaddr_t end = align_up(want, PAGE_SIZE);
	uaddr_t expected = want;

	if (want < BRK_START || (end > old_end && !model_is_free(m, old_end, end)))
		expected = m->brk;
	uaddr_t got = mmap_brk(p->space, want);
	if (failing && got == m->brk)
		return;
	CHECK_EQ(got, expected);
	if (got == m->brk)
		return;
	m->brk = got;
	struct model_page kind = { .heap = true, .protection = PTE_R | PTE_W };
	if (end > old_end)
		model_map(m, old_end, end, kind, false);
	else
		model_unmap(m, end, old_end);
}

static void
try_fork(struct process *p, bool failing)
{
	struct process *child = unused_process();

	if (child == NULL || !room_for_runner())
		return;
	int error = space_fork(p->space, &child->space);
	if (failing && error == -ENOMEM) {
		child->space = NULL;
		return;
	}
	CHECK_EQ(error, 0);
	model_fork(&p->model, &child->model);
	space_get(child->space);
	make_runner(child, child->space);
}

static void
try_thread(struct process *p)
{
	if (!room_for_runner())
		return;
	space_get(p->space);
	make_runner(p, p->space);
}

static void
try_switch(unsigned h)
{
	struct runner *r = &runners[pick(THREADS)];

	for (unsigned i = 0; i < HARTS; i++)
		if (machine[i].current == &r->thread)
			return;
	if (r->process != NULL && pick(3) != 0)
		machine_switch(h, &r->thread);
	else
		machine_switch(h, &machine[h].idle);
}

// ---- What must hold at any time ----------------------------------------------

struct census {
	struct space *space;
	struct model *model;
	uint64_t present;
};

static unsigned page_entries[65536]; // entries that hold a page, by its address

static unsigned *
entries_of(pte_t pte)
{
	return &page_entries[(pte_paddr(pte) >> PAGE_SHIFT) % ARRAY_SIZE(page_entries)];
}

static void
check_run(void *arg, uaddr_t va, pte_t *entry, unsigned count)
{
	struct census *c = arg;

	for (; count > 0; count--, entry++, va += PAGE_SIZE) {
		pte_t pte = *entry;
		if (pte == 0)
			continue;
		c->present++;
		struct model_page *p = model_at(c->model, va);
		CHECK(p != NULL && p->mapped);
		struct page *page = phys_to_page(pte_paddr(pte));
		CHECK_EQ((pte & PTE_V) != 0, p->protection != 0);
		CHECK_EQ(pte & PTE_LEAF & ~p->protection, 0);
		CHECK_EQ(pte & (PTE_R | PTE_X), p->protection & (PTE_R | PTE_X));
		CHECK((pte & PTE_A) && (pte & PTE_D));
		if (pte & PTE_W)
			CHECK(p->cell != NULL || page_refs(page) == 1);
		CHECK_EQ(*(uint64_t *)page_to_virt(page), *value_of(p));
		++*entries_of(pte);
		// The entries, and one more for the object of shared memory.
		unsigned extra = p->cell != NULL ? 1 : 0;
		CHECK(*entries_of(pte) + extra <= page_refs(page));
	}
}

static void
check_regions(struct process *p)
{
	uint64_t mapped = 0;
	uaddr_t end = 0;
	struct region *previous = NULL;
	struct list *l;

	for (unsigned i = 0; i < PAGES; i++) {
		struct region *r = space_find(p->space, model_address(i));
		const struct model_page *page = &p->model.page[i];
		CHECK_EQ(r != NULL, page->mapped);
		if (r == NULL)
			continue;
		mapped += PAGE_SIZE;
		CHECK_EQ(r->protection, page->protection);
		CHECK_EQ((r->flags & REGION_SHARED) != 0, page->cell != NULL);
		CHECK_EQ((r->flags & REGION_STACK) != 0, page->stack);
		CHECK_EQ((r->flags & REGION_HEAP) != 0, page->heap);
	}
	CHECK_EQ(mapped, p->space->mapped);
	list_for_each(l, &p->space->regions) {
		struct region *r = container_of(l, struct region, link);
		CHECK(r->start < r->end && r->start >= end);
		CHECK(r->space == p->space);
		// Neighbours that are alike are one.
		if (previous != NULL && r->start == end)
			CHECK(!model_alike(model_at(&p->model, end - PAGE_SIZE),
					   model_at(&p->model, end)));
		end = r->end;
		previous = r;
	}
	CHECK_EQ(p->space->brk, p->model.brk);
}

static void
check_all(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(page_entries); i++)
		page_entries[i] = 0;
	for (unsigned i = 0; i < SPACES; i++) {
		struct process *p = &processes[i];
		struct census c = { p->space, &p->model, 0 };
		if (p->space == NULL)
			continue;
		check_regions(p);
		pagetable_for_each_run(p->space->root, 0, USER_TOP, check_run, &c);
		CHECK_EQ(c.present, p->space->resident);
		CHECK(p->space->resident_max >= p->space->resident);
	}
}

// ---- The tests ---------------------------------------------------------------

static void
one_step(unsigned h, bool failing)
{
	struct runner *r = runner_on(h);

	if (r == NULL) {
		try_switch(h);
		return;
	}
	machine_go(h);
	switch (pick(24)) {
	case 0:
	case 1:
		try_map(r->process, failing);
		break;
	case 2:
		try_unmap(r->process, failing);
		break;
	case 3:
		try_protect(r->process, failing);
		break;
	case 4:
		try_brk(r->process, failing);
		break;
	case 5:
		try_fork(r->process, failing);
		break;
	case 6:
		try_thread(r->process);
		break;
	case 7:
	case 8:
		try_switch(h);
		break;
	case 9:
		if (pick(2) == 0)
			end_runner(h);
		break;
	case 10:
		machine_speculate((unsigned)pick(HARTS), pick_page());
		break;
	default:
		try_access(h, r->process, failing);
		break;
	}
}

static bool
anybody_left(void)
{
	for (unsigned i = 0; i < THREADS; i++)
		if (runners[i].process != NULL)
			return true;
	return false;
}

// Let all processes end, and see that nothing is left of them.
static void
end_all(void)
{
	for (unsigned i = 0; i < THREADS; i++) {
		if (runners[i].process == NULL)
			continue;
		for (unsigned h = 0; h < HARTS; h++)
			if (machine[h].current == &runners[i].thread)
				machine_switch(h, &machine[h].idle);
		machine_switch(0, &runners[i].thread);
		end_runner(0);
	}
	// A hart may keep a root loaded that nobody uses; the next one that it
	// loads frees it.
	CHECK(fake_pages_used() == space_lingering_pages());
	make_first();
	for (unsigned h = 1; h < HARTS; h++) {
		machine_switch(0, &machine[0].idle);
		machine_switch(h, &runners[0].thread);
		machine_switch(h, &machine[h].idle);
		machine_switch(0, &runners[0].thread);
	}
	end_runner(0);
	CHECK_EQ(fake_pages_used(), space_lingering_pages());
}

static void
run(uint64_t seed, unsigned steps, bool failures)
{
	random_init(&dice, seed);
	machine_init();
	make_first();
	for (unsigned i = 0; i < steps; i++) {
		bool failing = failures && pick(3) == 0;
		if (!anybody_left())
			make_first();
		if (failing) {
			fake_pages_fail_all(1 + pick(4));
			fake_heap_fail_all(pick(2) == 0 ? 0 : 1 + pick(4));
		}
		one_step((unsigned)pick(HARTS), failing);
		fake_pages_fail(0);
		fake_heap_fail(0);
		CHECK_EQ(fake_mutexes_held() + fake_locks_held(), 0);
		if (i % 8 == 0)
			check_all();
	}
	check_all();
	end_all();
	CHECK_EQ(fake_heap_blocks(), space_lingering_pages());
}

TEST(random_operations)
{
	for (uint64_t seed = 1; seed <= 24; seed++)
		run(seed, 4000, false);
}

TEST(random_operations_with_failures)
{
	for (uint64_t seed = 101; seed <= 124; seed++)
		run(seed, 4000, true);
}
