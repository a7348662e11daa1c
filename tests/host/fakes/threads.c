// SPDX-License-Identifier: MIT
#include "fakes/threads.h"

#include <sanitizer/common_interface_defs.h>
#include <stdio.h>
#include <ucontext.h>

#include "abi/errno.h"
#include "arch/time.h"
#include "fakes/fake.h"
#include "lib/panic.h"
#include "lock/spinlock.h"
#include "sched/sched.h"
#include "sched/sleep.h"
#include "sched/thread.h"
#include "sync/ranked.h"

// Of the C library; its header has names that the kernel's have too.
void *calloc(size_t count, size_t size);
void free(void *p);

#define THREADS_MAX 128
#define EVENTS_MAX  4096
#define STACK_SIZE  (256 * 1024)
#define SPINS_MAX   16

#define POINT_NS    1000 // how far the clock moves at each point
#define SWITCH_PART 4    // of so many points one is a switch

struct fake_thread {
	struct thread thread; // first: arch_current() points here
	ucontext_t context;   // where it begins
	void *jump[5];        // where it goes on
	bool begun;
	void *stack;
	void *asan_stack;
	const void *stack_bottom;
	size_t stack_size;
	bool ready;
	bool ended;
	bool joined; // somebody waits for its end
	bool interrupts;
	bool interruptible; // asleep so
	void (*fn)(void *arg);
	void *arg;
	const struct spinlock *spin[SPINS_MAX];
	unsigned spins;
	uint64_t deadline;
};

struct sleeper {
	struct list link;
	struct fake_thread *thread;
	bool woken;
};

struct event {
	uint64_t when;
	uint64_t order;
	void (*fn)(void *arg);
	void *arg;
};

static struct fake_thread *threads[THREADS_MAX];
static unsigned thread_total;
static struct fake_thread *running;
static struct event events[EVENTS_MAX];
static unsigned event_count;
static uint64_t event_order;
static uint64_t state;
static bool in_event;

uint64_t
fake_random(uint64_t n)
{
	// xorshift64* (Vigna, An experimental exploration of Marsaglia's
	// xorshift generators, 2016)
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * UINT64_C(0x2545f4914f6cdd1d) >> 11) % n;
}

// ---- Switching ---------------------------------------------------------------

// Not swapcontext(): the sanitizer complains of it each time.
_Noreturn static __attribute__((noinline)) void
go_on(struct fake_thread *t)
{
	if (t->begun)
		__builtin_longjmp(t->jump, 1);
	t->begun = true;
	setcontext(&t->context);
	check_fail("threads", 0, "setcontext() failed");
}

static __attribute__((noinline)) void
switch_to(struct fake_thread *next)
{
	struct fake_thread *self = running;

	if (next == self)
		return;
	self->interrupts = intr_enabled();
	running = next;
	fake_set_current(&next->thread.arch);
	if (next->interrupts)
		intr_on();
	else
		intr_off();
	__sanitizer_start_switch_fiber(self->ended ? NULL : &self->asan_stack, next->stack_bottom,
				       next->stack_size);
	if (__builtin_setjmp(self->jump) == 0)
		go_on(next);
	self = running;
	__sanitizer_finish_switch_fiber(self->asan_stack, NULL, NULL);
}

static void
run_due_events(void)
{
	// An interrupt comes where interrupts are on.
	if (in_event || running->spins > 0)
		return;
	for (;;) {
		struct event *first = NULL;
		for (unsigned i = 0; i < event_count; i++) {
			struct event *e = &events[i];
			if (e->when <= time_ns() &&
			    (first == NULL || e->when < first->when ||
			     (e->when == first->when && e->order < first->order)))
				first = e;
		}
		if (first == NULL)
			return;
		struct event e = *first;
		*first = events[--event_count];
		in_event = true;
		e.fn(e.arg);
		in_event = false;
	}
}

static void
fail_asleep(void)
{
	static char text[4096];
	size_t n = 0;

	for (unsigned i = 0; i < thread_total && n < sizeof text; i++)
		if (!threads[i]->ended)
			n += (size_t)snprintf(text + n, sizeof text - n, "\n  %s waits for %s",
					      threads[i]->thread.arch.name,
					      threads[i]->thread.wait_name);
	check_fail("threads", 0, "nobody can go on:%s", text);
}

// Everybody sleeps: let time pass until something happens.
static void
idle(void)
{
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i < event_count; i++)
		if (events[i].when < next)
			next = events[i].when;
	for (unsigned i = 0; i < thread_total; i++)
		if (!threads[i]->ended && threads[i]->deadline < next)
			next = threads[i]->deadline;
	if (next == UINT64_MAX)
		fail_asleep();
	if (next > time_ns())
		fake_time_set(next);
	run_due_events();
}

// Any thread that is ready, the seed says which.
static struct fake_thread *
choose(void)
{
	for (;;) {
		unsigned ready = 0;
		for (unsigned i = 0; i < thread_total; i++) {
			threads[i]->ready |= threads[i]->deadline <= time_ns();
			ready += threads[i]->ready;
		}
		if (ready == 0) {
			idle();
			continue;
		}
		uint64_t pick = fake_random(ready);
		for (unsigned i = 0;; i++)
			if (threads[i]->ready && pick-- == 0)
				return threads[i];
	}
}

void
fake_point(void)
{
	if (running == NULL || in_event)
		return;
	fake_time_advance(POINT_NS);
	run_due_events();
	if (fake_random(SWITCH_PART) == 0)
		switch_to(choose());
}

void
sched_point(void)
{
	fake_point();
}

void
fake_event(uint64_t ns, void (*fn)(void *arg), void *arg)
{
	CHECK(event_count < EVENTS_MAX);
	events[event_count++] = (struct event){ time_ns() + ns, event_order++, fn, arg };
}

// ---- Threads -----------------------------------------------------------------

static struct fake_thread *
add(const char *name)
{
	struct fake_thread *t = calloc(1, sizeof *t);

	CHECK(t != NULL && thread_total < THREADS_MAX);
	threads[thread_total++] = t;
	snprintf(t->thread.arch.name, sizeof t->thread.arch.name, "%s", name);
	t->thread.arch.id = (int32_t)thread_total;
	t->thread.wait_name = "its turn";
	t->deadline = UINT64_MAX;
	t->interrupts = true;
	return t;
}

void
fake_threads_begin(uint64_t seed)
{
	state = seed * 2 + 1;
	for (unsigned i = 0; i < 8; i++)
		fake_random(2);
	running = add("test");
	running->ready = true;
	running->begun = true;
	fake_set_current(&running->thread.arch);
}

static void
end_thread(void)
{
	CHECK_EQ(running->spins, 0);
	CHECK_EQ(running->thread.held.count, 0);
	running->ready = false;
	running->ended = true;
	for (;;)
		switch_to(choose());
}

// The first thread's stack is learnt at the first switch, from whichever thread
// that leads to; so that is made at once.
static void
learn_stack(void)
{
	struct fake_thread *t = running;

	__sanitizer_finish_switch_fiber(NULL, &threads[0]->stack_bottom, &threads[0]->stack_size);
	t->ended = true;
	t->ready = false;
	for (;;)
		switch_to(threads[0]);
}

static void
prepare(struct fake_thread *t, void (*entry)(void))
{
	t->stack = calloc(1, STACK_SIZE);
	CHECK(t->stack != NULL);
	t->stack_bottom = t->stack;
	t->stack_size = STACK_SIZE;
	getcontext(&t->context);
	t->context.uc_stack.ss_sp = t->stack;
	t->context.uc_stack.ss_size = STACK_SIZE;
	makecontext(&t->context, entry, 0);
}

static void
start_thread(void)
{
	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
	running->fn(running->arg);
	end_thread();
}

static struct fake_thread *
make(const char *name, void (*fn)(void *arg), void *arg)
{
	if (thread_total == 1) {
		struct fake_thread *probe = add("probe");
		prepare(probe, learn_stack);
		switch_to(probe);
	}
	struct fake_thread *t = add(name);
	t->fn = fn;
	t->arg = arg;
	prepare(t, start_thread);
	return t;
}

void
fake_thread_run(const char *name, void (*fn)(void *arg), void *arg)
{
	struct fake_thread *t = make(name, fn, arg);

	t->joined = true;
	t->ready = true;
}

void
fake_threads_join(void)
{
	for (unsigned i = 0; i < thread_total; i++) {
		while (threads[i]->joined && !threads[i]->ended) {
			running->ready = false;
			running->thread.wait_name = "the others";
			struct fake_thread *next = choose();
			running->ready = true;
			switch_to(next);
		}
	}
}

void
fake_threads_wait(uint64_t ns)
{
	uint64_t until = time_ns() + ns;

	while (time_ns() < until) {
		running->deadline = until;
		running->ready = false;
		switch_to(choose());
		running->deadline = UINT64_MAX;
		running->ready = true;
	}
}

int
thread_create(const char *name, struct proc *proc, void (*entry)(void *), void *arg,
	      struct thread **out)
{
	(void)proc;
	*out = &make(name, entry, arg)->thread;
	return 0;
}

void
thread_start(struct thread *t)
{
	((struct fake_thread *)t)->ready = true;
}

void
thread_put(struct thread *t)
{
	(void)t;
}

// ---- Seeds ------------------------------------------------------------------

// Of the C library, too.
int fork(void);
int waitpid(int pid, int *status, int options);
_Noreturn void _exit(int status);

void
fake_for_seeds(unsigned count, void (*fn)(void))
{
	for (unsigned seed = 1; seed <= count; seed++) {
		int status = 0;
		fflush(NULL);
		int pid = fork();
		CHECK(pid >= 0);
		if (pid == 0) {
			fake_threads_begin(seed);
			fn();
			fflush(NULL);
			_exit(0);
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (status != 0)
			check_fail("threads", 0, "with seed %u of %u (status %#x)", seed, count,
				   (unsigned)status);
	}
}

// ---- Spinlocks ---------------------------------------------------------------

static void
check_order(const struct spinlock *l, bool nested)
{
	for (unsigned i = 0; i < running->spins; i++) {
		const struct spinlock *other = running->spin[i];
		if (other == l)
			check_fail("spinlock", 0, "%s is taken twice", l->class->name);
		if (other->class->rank > l->class->rank ||
		    (other->class->rank == l->class->rank && !nested))
			check_fail("spinlock", 0, "%s is taken while %s is held", l->class->name,
				   other->class->name);
	}
}

static void
acquire(struct spinlock *l, bool nested)
{
	CHECK(l->class != NULL);
	if (running == NULL) {
		static struct fake_thread boot;
		running = &boot;
	}
	check_order(l, nested);
	fake_point();
	while (l->holder != NULL) {
		// An interrupt spins on its hart; the holder is on another one.
		CHECK(!in_event || l->holder != &running->thread.arch);
		struct fake_thread *self = running;
		bool was_in_event = in_event;
		in_event = false;
		self->thread.wait_name = l->class->name;
		do
			switch_to(choose());
		while (l->holder != NULL);
		in_event = was_in_event;
	}
	CHECK(running->spins < SPINS_MAX);
	running->spin[running->spins++] = l;
	l->holder = &running->thread.arch;
}

void
spin_init(struct spinlock *l, struct lock_class *class)
{
	*l = (struct spinlock)SPINLOCK_INIT(class);
}

void
spin_lock(struct spinlock *l)
{
	acquire(l, false);
}

void
spin_lock_nested(struct spinlock *l)
{
	acquire(l, true);
}

bool
spin_trylock(struct spinlock *l)
{
	if (l->holder != NULL)
		return false;
	acquire(l, true);
	return true;
}

static void
give_back(struct spinlock *l)
{
	unsigned i = 0;

	while (i < running->spins && running->spin[i] != l)
		i++;
	if (i == running->spins)
		check_fail("spinlock", 0, "%s is given back but not held", l->class->name);
	running->spin[i] = running->spin[--running->spins];
	l->holder = NULL;
}

void
spin_unlock(struct spinlock *l)
{
	give_back(l);
	fake_point();
}

bool
spin_held(const struct spinlock *l)
{
	return l->holder == &running->thread.arch;
}

unsigned
spin_held_count(void)
{
	return running->spins;
}

void
assert_may_sleep(const char *what)
{
	if (running->spins > 0)
		check_fail("spinlock", 0, "%s with %s held", what, running->spin[0]->class->name);
	if (in_event)
		check_fail("spinlock", 0, "%s in an interrupt", what);
}

bool lock_times;

void
lock_class_register(struct lock_class *c)
{
	(void)c;
}

void
lock_class_raise(uint64_t *maximum, uint64_t ns)
{
	(void)maximum;
	(void)ns;
}

// ---- Sleeping ----------------------------------------------------------------

void
fake_thread_stop(void)
{
	running->ready = false;
	switch_to(choose());
}

void
fake_thread_ready(struct thread *t)
{
	((struct fake_thread *)t)->ready = true;
}

// A unit may link the kernel's own sched/sleep.c.
#pragma weak waitqueue_init
#pragma weak waitqueue_empty
#pragma weak waitqueue_count
#pragma weak sleep_on
#pragma weak sleep_until
#pragma weak wake_first
#pragma weak wake_one
#pragma weak wake_all
#pragma weak thread_interrupt
#pragma weak thread_uninterrupt

void
waitqueue_init(struct waitqueue *q, const char *name)
{
	list_init(&q->waiters);
	q->name = name;
}

bool
waitqueue_empty(const struct waitqueue *q)
{
	return list_empty(&q->waiters);
}

unsigned
waitqueue_count(const struct waitqueue *q)
{
	struct list *l;
	unsigned n = 0;

	list_for_each(l, &q->waiters)
		n++;
	return n;
}

int
sleep_on(struct waitqueue *q, struct spinlock *guard, enum sleep_flags flags, uint64_t deadline)
{
	struct fake_thread *self = running;
	struct sleeper s = { .thread = self };

	CHECK(spin_held(guard));
	if (self->spins != 1)
		check_fail("sleep_on", 0, "sleeps for %s with %u spinlocks held", q->name,
			   self->spins);
	CHECK(!in_event);
	if ((flags & SLEEP_INTERRUPTIBLE) && self->thread.interrupted)
		return -EINTR;
	if (deadline <= time_ns())
		return -ETIMEDOUT;
	list_push_back(&q->waiters, &s.link);
	self->thread.wait_name = q->name;
	self->deadline = deadline;
	self->interruptible = (flags & SLEEP_INTERRUPTIBLE) != 0;
	self->ready = false;
	give_back(guard);
	switch_to(choose());
	self->deadline = UINT64_MAX;
	self->ready = true;
	list_remove(&s.link);
	bool interrupted = self->interruptible && self->thread.interrupted;
	self->interruptible = false;
	spin_lock(guard);
	if (s.woken)
		return 0;
	return interrupted ? -EINTR : -ETIMEDOUT;
}

void
thread_interrupt(struct thread *t)
{
	struct fake_thread *f = (struct fake_thread *)t;

	t->interrupted = true;
	if (f->interruptible)
		f->ready = true;
}

void
thread_uninterrupt(struct thread *t)
{
	t->interrupted = false;
}

int
sleep_until(uint64_t deadline, enum sleep_flags flags)
{
	(void)flags;
	if (deadline > time_ns())
		fake_threads_wait(deadline - time_ns());
	return 0;
}

struct thread *
wake_first(struct waitqueue *q)
{
	struct list *l = list_pop_front(&q->waiters);

	if (l == NULL)
		return NULL;
	struct sleeper *s = container_of(l, struct sleeper, link);
	s->woken = true;
	s->thread->ready = true;
	return &s->thread->thread;
}

unsigned
wake_one(struct waitqueue *q)
{
	return wake_first(q) != NULL;
}

unsigned
wake_all(struct waitqueue *q)
{
	unsigned n = 0;

	while (wake_one(q) > 0)
		n++;
	return n;
}

// ---- The order of sleeping locks ---------------------------------------------

void
ranked_acquire(const void *lock, struct lock_class *class, uint64_t site, enum rank_nesting nesting)
{
	rank_acquire(&running->thread.held, lock, class, site, nesting);
}

void
ranked_release(const void *lock, struct lock_class *class)
{
	rank_release(&running->thread.held, lock, class);
}

bool
ranked_holds(const void *lock)
{
	return rank_holds(&running->thread.held, lock);
}

void
ranked_wait_begin(struct ranked_wait *w, const void *lock, struct lock_class *class, uint64_t site,
		  const uint64_t *progress, enum ranked_bound bound)
{
	(void)w;
	(void)lock;
	(void)class;
	(void)site;
	(void)progress;
	(void)bound;
}

void
ranked_wait_end(struct ranked_wait *w)
{
	(void)w;
}

// For messages of rank.c.
void
backtrace_format(char *to, size_t size, uint64_t pc)
{
	snprintf(to, size, "%#lx", (unsigned long)pc);
}
