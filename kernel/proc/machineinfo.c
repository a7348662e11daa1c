// SPDX-License-Identifier: MIT
/*
 * The machine as text: /proc/meminfo, uptime, loadavg, stat in Linux's formats,
 * and /proc/kstat with the kernel's own counters.
 */
#include "arch/hart.h"
#include "arch/irq.h"
#include "arch/time.h"
#include "block/bcache.h"
#include "lib/kstat.h"
#include "lib/math.h"
#include "mm/heap.h"
#include "mm/kstack.h"
#include "mm/page.h"
#include "proc/pid.h"
#include "proc/proc.h"
#include "proc/procinfo_impl.h"
#include "sched/clock.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "vfs/file.h"
#include "vfs/pseudo.h"
#include "vfs/vnode.h"

#define KIB_PER_PAGE     (PAGE_SIZE / 1024)
#define TICKS_PER_SECOND 100 // USER_HZ
#define LOAD_UNIT        65536

static void
print_kib(struct pseudo_text *t, const char *name, uint64_t kib)
{
	pseudo_printf(t, "%-15s %8lu kB\n", name, kib);
}

static int
generate_meminfo(struct pseudo_text *t)
{
	struct bcache_counts cache;
	uint64_t free = page_free_count();

	bcache_count(&cache);
	uint64_t clean = cache.buffers - MIN(cache.buffers, cache.dirty + cache.referenced);
	print_kib(t, "MemTotal:", page_total_count() * KIB_PER_PAGE);
	print_kib(t, "MemFree:", free * KIB_PER_PAGE);
	print_kib(t, "MemAvailable:", (free + clean) * KIB_PER_PAGE);
	print_kib(t, "Buffers:", cache.buffers * KIB_PER_PAGE);
	print_kib(t, "Cached:", 0);
	print_kib(t, "Dirty:", cache.dirty * KIB_PER_PAGE);
	print_kib(t, "KernelHeap:", heap_used_bytes() / 1024);
	print_kib(t, "KernelStack:", thread_count() * (KSTACK_SIZE / 1024));
	print_kib(t, "SpareStacks:", kstack_spare_pages() * KIB_PER_PAGE);
	return 0;
}

static void
print_hundredths(struct pseudo_text *t, uint64_t ns)
{
	uint64_t hundredths = ns / (NS_PER_SEC / 100);

	pseudo_printf(t, "%lu.%02lu", hundredths / 100, hundredths % 100);
}

static int
generate_uptime(struct pseudo_text *t)
{
	uint64_t busy, idle;

	sched_times(&busy, &idle);
	print_hundredths(t, clock_monotonic_ns());
	pseudo_write(t, " ", 1);
	print_hundredths(t, idle);
	pseudo_write(t, "\n", 1);
	return 0;
}

static int
generate_loadavg(struct pseudo_text *t)
{
	uint64_t load[3];

	sched_load(load);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t hundredths = load[i] * 100 / LOAD_UNIT;
		pseudo_printf(t, "%lu.%02lu ", hundredths / 100, hundredths % 100);
	}
	pseudo_printf(t, "%u/%u %d\n", sched_runnable(), thread_count(), pid_last());
	return 0;
}

static int
generate_stat(struct pseudo_text *t)
{
	const uint64_t tick = NS_PER_SEC / TICKS_PER_SECOND;
	uint64_t busy, idle;

	sched_times(&busy, &idle);
	pseudo_printf(t, "cpu %lu 0 0 %lu 0 0 0 0 0 0\n", busy / tick, idle / tick);
	pseudo_printf(t, "intr %lu\nctxt %lu\nbtime %lu\nprocesses %lu\nprocs_running %u\n",
		      irq_count(), kstat_read(KSTAT_SWITCHES),
		      (clock_realtime_ns() - clock_monotonic_ns()) / NS_PER_SEC,
		      kstat_read(KSTAT_FORKS), sched_runnable());
	return 0;
}

static int
generate_kstat(struct pseudo_text *t)
{
	struct bcache_counts cache;
	unsigned vnodes, vnodes_used;

	for (unsigned i = 0; i < KSTAT_COUNT; i++)
		pseudo_printf(t, "%s %lu\n", kstat_name(i), kstat_read(i));
	bcache_count(&cache);
	vnode_count(&vnodes, &vnodes_used);
	pseudo_printf(t, "pages_free %lu\npages_total %lu\nheap_blocks %lu\nheap_bytes %lu\n",
		      page_free_count() + kstack_spare_pages(), page_total_count(),
		      heap_used_blocks(), heap_used_bytes());
	pseudo_printf(t, "buffers %u\nbuffers_dirty %u\nbuffers_used %u\n", cache.buffers,
		      cache.dirty, cache.referenced);
	pseudo_printf(t, "vnodes %u\nvnodes_used %u\nfiles %u\n", vnodes, vnodes_used,
		      file_count());
	pseudo_printf(t, "threads %u\nprocesses %u\npids %u\npid_limit %u\nharts %u\n",
		      thread_count(), proc_count(), pid_count(), pid_limit(), hart_count());
	return 0;
}

static struct pseudo_file files[] = {
	{ .name = "meminfo", .generate = generate_meminfo },
	{ .name = "uptime", .generate = generate_uptime },
	{ .name = "loadavg", .generate = generate_loadavg },
	{ .name = "stat", .generate = generate_stat },
	{ .name = "kstat", .generate = generate_kstat },
};

void
machineinfo_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++)
		pseudo_register(&files[i]);
}
