// SPDX-License-Identifier: MIT
/*
 * Threads in a report of trouble (arch/upcall.h).
 *
 * Nothing here waits for a lock.  If the list of threads can't be locked, in a
 * panic for one, it is walked as it is, and each pointer is looked at before it
 * is followed.
 */
#include "arch/layout.h"
#include "arch/upcall.h"
#include "lib/backtrace.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "mm/page.h"
#include "sched/sched_impl.h"
#include "sched/sleep.h"

// A broken list may have no end.
#define THREADS_MAX 10000

#define LOCK_TRIES 1000

// Whether l can be the link of a thread: in RAM, by the direct map.
static bool
plausible(const struct list *l)
{
	uint64_t address = (uint64_t)l;

	return address % sizeof(void *) == 0 && address >= DIRECT_BASE &&
	       address < DIRECT_BASE + DIRECT_SIZE && phys_to_page(virt_to_phys(l)) != NULL;
}

static void
print_locks(const struct thread *t)
{
	char site[96];

	for (uint32_t i = 0; i < t->held.count && i < HELD_MAX; i++) {
		const struct held_lock *h = &t->held.entry[i];
		backtrace_format(site, sizeof(site), h->site);
		print_error("    %s %s (%p), at %s", h->lock == t->wants ? "waits for" : "holds",
			    h->class->name, h->lock, site);
	}
}

static void
print_thread(const struct thread *t)
{
	char site[96] = "";
	enum thread_state state = t->state;
	bool asleep = state == THREAD_ASLEEP;

	if (asleep)
		backtrace_format(site, sizeof(site), t->wait_site);
	print_error("thread %d (%s): %s%s%s%s%s", t->arch.id, t->arch.name,
		    thread_state_name(state), asleep ? " on " : "", asleep ? t->wait_name : "",
		    asleep ? ", at " : "", site);
	print_locks(t);
	if (state == THREAD_ASLEEP || state == THREAD_READY)
		backtrace_print_thread(&t->arch);
}

void
upcall_report_threads(void)
{
	struct list *head = thread_list();
	bool locked = false;
	unsigned n = 0;

	for (unsigned i = 0; i < LOCK_TRIES && !locked && !panicking(); i++) {
		locked = thread_list_trylock();
		if (!locked)
			cpu_relax();
	}
	print_error("threads:");
	for (struct list *l = head->next; l != head && n < THREADS_MAX; l = l->next, n++) {
		if (!plausible(l)) {
			print_error("  (the list is broken here)");
			break;
		}
		print_thread(container_of(l, struct thread, all));
	}
	if (locked)
		thread_list_unlock();
}
