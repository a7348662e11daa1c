// SPDX-License-Identifier: MIT
// kernel: vm/space.c vm/region.c vm/anon.c vm/mmap.c vm/cow.c vm/fault.c vm/gather.c
// kernel: mm/pagetable.c lib/kstat.c
// fakes: page.c heap.c lock.c sync.c print.c time.c
/*
 * What operations on spaces cost in pages, copies, faults and fences; and what
 * they refuse.
 */
#include "abi/errno.h"
#include "lib/kstat.h"
#include "machine.h"
#include "vm/gather.h"
#include "vm/mmap.h"
#include "vm/vm_impl.h"

#define MANY 1500 // pages: three tables, and more than one chunk of a gather

static struct thread threads[2];
static struct space *space; // of both threads, on harts 0 and 1
static uaddr_t base;        // MANY pages of it

static struct map_request
request(uint64_t size, uint32_t protection, uint32_t flags)
{
	return (struct map_request){
		.size = size,
		.protection = protection,
		.flags = flags,
		.ops = &region_anonymous,
	};
}

static uint64_t *
touch(unsigned h, uaddr_t va, enum fault_access access)
{
	uint64_t *word;

	CHECK_EQ(machine_access(h, va, access, &word), 0);
	return word;
}

// A space with MANY pages, all touched by the threads on harts 0 and 1.
static void
begin(uint32_t flags)
{
	struct map_request q = request(MANY * PAGE_SIZE, PTE_R | PTE_W, flags);

	machine_init();
	space = space_alloc();
	space->brk_start = space->brk = 0x20000000;
	for (unsigned h = 0; h < 2; h++) {
		space_get(space);
		space_set_thread(&threads[h], space);
		machine_switch(h, &threads[h]);
	}
	CHECK_EQ(mmap_map(space, &q, &base), 0);
	for (unsigned i = 0; i < MANY; i++) {
		*touch(0, base + i * PAGE_SIZE, FAULT_WRITE) = i;
		touch(1, base + i * PAGE_SIZE, FAULT_WRITE);
	}
	machine_go(0);
	machine_fences = 0;
}

static void
end(void)
{
	for (unsigned h = 0; h < 2; h++) {
		machine_go(h);
		space_put(space_set_current(NULL));
	}
	space_put(space);
	CHECK_EQ(fake_pages_used(), 0);
	CHECK_EQ(fake_heap_blocks(), 0);
}

TEST(touching_takes_a_page_and_a_fault_each)
{
	begin(0);
	// The root, one table of the second level, and those that MANY pages need.
	uint64_t tables = (base + MANY * PAGE_SIZE - 1) / PT_SPAN(1) - base / PT_SPAN(1) + 1;
	CHECK_EQ(fake_pages_used(), MANY + 2 + tables);
	CHECK_EQ(kstat_read(KSTAT_FAULTS_MINOR), MANY);
	CHECK_EQ(kstat_read(KSTAT_FAULTS_SPURIOUS), 0);
	CHECK_EQ(space->resident, MANY);
	CHECK_EQ(space->mapped, MANY * PAGE_SIZE);
	end();
}

TEST(fork_copies_nothing_and_fences_once)
{
	struct space *child;

	begin(0);
	uint64_t used = fake_pages_used();
	CHECK_EQ(space_fork(space, &child), 0);
	CHECK_EQ(machine_fences, 1);
	CHECK_EQ(fake_pages_used() - used, used - MANY);
	CHECK_EQ(kstat_read(KSTAT_PAGES_COPIED), 0);
	space_put(child);
	CHECK_EQ(fake_pages_used(), used);
	CHECK_EQ(machine_fences, 1); // nobody has used the child
	end();
}

TEST(each_store_after_fork_copies_one_page)
{
	struct space *child;

	begin(0);
	CHECK_EQ(space_fork(space, &child), 0);
	for (unsigned i = 0; i < 10; i++)
		*touch(1, base + i * PAGE_SIZE, FAULT_WRITE) = 1000 + i;
	CHECK_EQ(kstat_read(KSTAT_PAGES_COPIED), 10);
	CHECK_EQ(*touch(0, base + 9 * PAGE_SIZE, FAULT_READ), 1009);
	space_put(space_set_current(child));
	CHECK_EQ(*touch(0, base + 9 * PAGE_SIZE, FAULT_READ), 9);
	space_get(space);
	space_put(space_set_current(space));
	end();
}

TEST(the_last_owner_keeps_its_page)
{
	struct space *child;

	begin(0);
	CHECK_EQ(space_fork(space, &child), 0);
	space_put(child);
	for (unsigned i = 0; i < MANY; i++)
		touch(0, base + i * PAGE_SIZE, FAULT_WRITE);
	CHECK_EQ(kstat_read(KSTAT_PAGES_COPIED), 0);
	CHECK_EQ(kstat_read(KSTAT_FAULTS_COW), MANY);
	end();
}

TEST(shared_memory_stays_writable_over_fork)
{
	struct space *child;

	begin(REGION_SHARED);
	CHECK_EQ(space_fork(space, &child), 0);
	*touch(0, base, FAULT_WRITE) = 77;
	space_put(space_set_current(child));
	CHECK_EQ(*touch(0, base, FAULT_READ), 77);
	*touch(0, base + PAGE_SIZE, FAULT_WRITE) = 78;
	CHECK_EQ(*touch(1, base + PAGE_SIZE, FAULT_READ), 78);
	// Nor does a right that went and came back make it private.
	CHECK_EQ(mmap_protect(child, base, PAGE_SIZE, PTE_R), 0);
	CHECK_EQ(mmap_protect(child, base, PAGE_SIZE, PTE_R | PTE_W), 0);
	*touch(0, base, FAULT_WRITE) = 79;
	CHECK_EQ(*touch(1, base, FAULT_READ), 79);
	CHECK_EQ(kstat_read(KSTAT_FAULTS_COW), 0);
	CHECK_EQ(kstat_read(KSTAT_PAGES_COPIED), 0);
	space_get(space);
	space_put(space_set_current(space));
	end();
}

TEST(unmap_fences_once)
{
	begin(0);
	CHECK_EQ(mmap_unmap(space, base, MANY * PAGE_SIZE), 0);
	CHECK_EQ(machine_fences, 1);
	CHECK_EQ(fake_pages_used(), 1); // the root
	CHECK_EQ(space->resident, 0);
	CHECK_EQ(space->mapped, 0);
	end();
}

TEST(unmap_needs_no_memory)
{
	begin(0);
	fake_pages_fail_all(1);
	CHECK_EQ(mmap_unmap(space, base, MANY * PAGE_SIZE), 0);
	CHECK(machine_fences > 1 && machine_fences <= MANY / GATHER_FEW + 2);
	fake_pages_fail(0);
	CHECK_EQ(fake_pages_used(), 1);
	end();
}

TEST(unmapping_what_was_never_touched_fences_nothing)
{
	struct map_request q = request(MANY * PAGE_SIZE, PTE_R | PTE_W, 0);
	uaddr_t at;

	begin(0);
	CHECK_EQ(mmap_map(space, &q, &at), 0);
	CHECK_EQ(mmap_unmap(space, at, q.size), 0);
	CHECK_EQ(machine_fences, 0);
	end();
}

TEST(gaining_rights_fences_nothing)
{
	begin(0);
	CHECK_EQ(mmap_protect(space, base, MANY * PAGE_SIZE, PTE_R), 0);
	CHECK_EQ(machine_fences, 1);
	CHECK_EQ(mmap_protect(space, base, MANY * PAGE_SIZE, PTE_R | PTE_W), 0);
	CHECK_EQ(machine_fences, 1);
	// Hart 1 still believes that it may only read: its fault is spurious.
	touch(1, base, FAULT_READ);
	touch(0, base, FAULT_WRITE);
	touch(1, base, FAULT_WRITE);
	CHECK_EQ(kstat_read(KSTAT_FAULTS_SPURIOUS), 1);
	CHECK_EQ(kstat_read(KSTAT_FAULTS_COW), 1);
	end();
}

TEST(bits_a_and_d_are_set_if_the_hardware_wants_them)
{
	begin(0);
	pte_t *entry = pagetable_find_entry(space->root, base, NULL);
	machine_forget(0);
	*entry &= ~(PTE_A | PTE_D);
	touch(0, base, FAULT_READ);
	CHECK(*entry & PTE_A);
	machine_forget(0);
	*entry &= ~PTE_D;
	touch(0, base, FAULT_WRITE);
	CHECK(*entry & PTE_D);
	end();
}

TEST(pages_without_rights_keep_their_content)
{
	uint64_t *word;

	begin(0);
	CHECK_EQ(mmap_protect(space, base, MANY * PAGE_SIZE, 0), 0);
	CHECK_EQ(machine_access(0, base, FAULT_READ, &word), -EFAULT);
	CHECK_EQ(machine_access(1, base, FAULT_WRITE, &word), -EFAULT);
	CHECK_EQ(space->resident, MANY);
	CHECK_EQ(mmap_protect(space, base, MANY * PAGE_SIZE, PTE_R), 0);
	CHECK_EQ(*touch(0, base + 5 * PAGE_SIZE, FAULT_READ), 5);
	end();
}

TEST(a_fork_that_fails_changes_nothing)
{
	struct space *child;

	begin(0);
	uint64_t pages = fake_pages_used(), blocks = fake_heap_blocks();
	uint64_t asked = fake_pages_asked();
	CHECK_EQ(space_fork(space, &child), 0);
	uint64_t needed = fake_pages_asked() - asked;
	space_put(child);
	for (uint64_t n = 1; n <= needed; n++) {
		fake_pages_fail(n);
		CHECK_EQ(space_fork(space, &child), -ENOMEM);
		CHECK_EQ(fake_pages_used(), pages);
		CHECK_EQ(fake_heap_blocks(), blocks);
	}
	fake_pages_fail(0);
	for (unsigned i = 0; i < MANY; i++)
		*touch(1, base + i * PAGE_SIZE, FAULT_WRITE) += 1;
	CHECK_EQ(kstat_read(KSTAT_PAGES_COPIED), 0);
	CHECK_EQ(*touch(0, base + 7 * PAGE_SIZE, FAULT_READ), 8);
	end();
}

TEST(out_of_memory_is_an_answer)
{
	struct map_request q = request(PAGE_SIZE, PTE_R | PTE_W, 0);
	uaddr_t at;
	uint64_t *word;
	struct space *child;

	begin(0);
	CHECK_EQ(mmap_map(space, &q, &at), 0);
	fake_pages_fail(1);
	CHECK_EQ(machine_access(0, at, FAULT_WRITE, &word), -ENOMEM);
	CHECK_EQ(space_fork(space, &child), 0);
	fake_pages_fail(1);
	CHECK_EQ(machine_access(0, base, FAULT_WRITE, &word), -ENOMEM);
	fake_pages_fail(0);
	CHECK_EQ(*touch(0, base, FAULT_WRITE), 0);
	space_put(child);
	end();
}

TEST(what_map_refuses)
{
	struct map_request q = request(0, PTE_R | PTE_W, 0);
	uaddr_t at = 0;

	begin(0);
	CHECK_EQ(mmap_map(space, &q, &at), -EINVAL);
	q.size = USER_TOP;
	CHECK_EQ(mmap_map(space, &q, &at), -ENOMEM);
	q.size = UINT64_MAX - 5;
	CHECK_EQ(mmap_map(space, &q, &at), -ENOMEM);
	q.size = (page_total_count() + 1) * PAGE_SIZE; // more than the machine has
	CHECK_EQ(mmap_map(space, &q, &at), -ENOMEM);
	q.protection = 0; // but as a reservation it is fine
	CHECK_EQ(mmap_map(space, &q, &at), 0);
	q.size = PAGE_SIZE;
	q.fixed = true;
	q.address = 0;
	CHECK_EQ(mmap_map(space, &q, &at), -EPERM);
	q.address = base + 1;
	CHECK_EQ(mmap_map(space, &q, &at), -EINVAL);
	q.address = USER_TOP;
	CHECK_EQ(mmap_map(space, &q, &at), -ENOMEM);
	q.address = UINT64_MAX & ~PAGE_MASK;
	CHECK_EQ(mmap_map(space, &q, &at), -ENOMEM);
	q.address = base;
	q.no_replace = true;
	CHECK_EQ(mmap_map(space, &q, &at), -EEXIST);
	CHECK_EQ(*touch(0, base + PAGE_SIZE, FAULT_READ), 1);
	end();
}

TEST(what_unmap_protect_and_brk_refuse)
{
	begin(0);
	CHECK_EQ(mmap_unmap(space, base + 1, PAGE_SIZE), -EINVAL);
	CHECK_EQ(mmap_unmap(space, base, 0), -EINVAL);
	CHECK_EQ(mmap_unmap(space, USER_TOP, PAGE_SIZE), -EINVAL);
	CHECK_EQ(mmap_unmap(space, base, UINT64_MAX), -EINVAL);
	CHECK_EQ(mmap_unmap(space, 0, PAGE_SIZE), 0);
	CHECK_EQ(mmap_protect(space, base + 1, PAGE_SIZE, PTE_R), -EINVAL);
	CHECK_EQ(mmap_protect(space, base, 0, PTE_R), 0);
	CHECK_EQ(mmap_protect(space, base, UINT64_MAX, PTE_R), -ENOMEM);
	CHECK_EQ(mmap_protect(space, base - PAGE_SIZE, 2 * PAGE_SIZE, PTE_R), -ENOMEM);
	touch(1, base, FAULT_WRITE); // nothing was changed
	uaddr_t brk = mmap_brk(space, 0);
	CHECK_EQ(brk, 0x20000000);
	CHECK_EQ(mmap_brk(space, brk - 1), brk);
	CHECK_EQ(mmap_brk(space, UINT64_MAX), brk);
	CHECK_EQ(mmap_brk(space, base + PAGE_SIZE), brk); // in the way
	CHECK_EQ(mmap_brk(space, brk + (page_total_count() + 1) * PAGE_SIZE), brk);
	CHECK_EQ(mmap_brk(space, brk + 1), brk + 1);
	touch(0, brk, FAULT_WRITE);
	CHECK_EQ(mmap_brk(space, brk), brk);
	end();
}

TEST(a_kernel_thread_keeps_the_root_and_coming_back_costs_no_fence)
{
	begin(0);
	machine_switch(0, &machine[0].idle);
	CHECK_EQ(machine[0].root, space->root);
	machine_switch(0, &threads[0]);
	CHECK(machine[0].line[(base >> PAGE_SHIFT) % TLB_LINES].va == base);
	// While it is away its translations are fenced all the same.
	machine_switch(0, &machine[0].idle);
	machine_go(1);
	CHECK_EQ(mmap_protect(space, base, PAGE_SIZE, PTE_R), 0);
	CHECK(machine[0].line[(base >> PAGE_SHIFT) % TLB_LINES].va != base);
	machine_switch(0, &threads[0]);
	end();
}

TEST(a_root_outlives_its_space_while_it_is_loaded)
{
	begin(0);
	machine_switch(1, &machine[1].idle); // keeps the root
	space_put(threads[1].space);
	machine_go(0);
	space_put(space_set_current(NULL));
	space_put(space);
	CHECK_EQ(space_lingering_pages(), 1);
	CHECK_EQ(fake_pages_used(), 1);
	machine_speculate(1, base); // walks an empty root, not freed tables
	begin(0);
	CHECK_EQ(space_lingering_pages(), 0);
	end();
}
