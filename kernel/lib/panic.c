// SPDX-License-Identifier: MIT
/*
 * The end, with a report.
 *
 * One hart reports: the first that comes.  One that panics later leaves its
 * message for the report and waits for the end.
 *
 * The report is a row of steps that touch ever more of a broken machine.  If a
 * step panics itself, panic() is entered again on the same hart: it says so and
 * goes on with the step after, below on the same stack.  So each step is tried
 * once, and the machine ends in any case.
 */
#include "lib/panic.h"

#include <stdarg.h>

#include "arch/hart.h"
#include "arch/power.h"
#include "arch/smp.h"
#include "arch/time.h"
#include "arch/trap.h"
#include "arch/upcall.h"
#include "lib/backtrace.h"
#include "lib/bootargs.h"
#include "lib/math.h"
#include "lib/print.h"
#include "lib/string.h"
#include "lib/version.h"

#define MESSAGE_SIZE 256
#define STACK_DEPTH  16
#define DEPTH_MAX    8 // panics of one hart; then it goes off without a word

// What a hart that comes second leaves for the report.
struct second {
	char message[MESSAGE_SIZE];
	uint64_t pc[STACK_DEPTH];
	unsigned depth;
	bool there; // [a] the rest is filled in
};

static struct {
	struct arch_thread *who;    // [a] who panics; set once (NULL early in boot)
	char message[MESSAGE_SIZE]; // of the first panic
	const struct trapframe *tf; // its trap frame, or NULL
	const void *frame;          // of panic() itself
	unsigned depth;             // [a] panics so far
	unsigned next_step;
	struct second seconds[HART_MAX];
	void (*lock_report)(void);
} state;

static void
step_origin(void)
{
	struct arch_thread *t = state.who;
	unsigned long long us = time_ns() / NS_PER_US;

	if (t == NULL || t->hart == NULL)
		print_error("fawn %s, early in boot", kernel_version);
	else
		print_error("fawn %s, up %llu.%06llu s, hart %u of %u, thread %d (%s)",
			    kernel_version, us / 1000000, us % 1000000, t->hart->index,
			    hart_count(), t->id, t->name);
}

static void
step_registers(void)
{
	// x1 .. x31 by the names of the psABI.
	static const char names[][4] = {
		"ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0", "a1",
		"a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5", "s6",
		"s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
	};
	const struct trapframe *tf = state.tf;
	char line[80];

	if (tf == NULL)
		return;
	print_error("trap: %s in %s mode, cause %#llx, address 0x%016llx",
		    trap_cause_name(tf->cause), trapframe_from_user(tf) ? "user" : "supervisor",
		    (unsigned long long)tf->cause, (unsigned long long)tf->tval);
	print_error("   pc %016llx  sstatus %016llx", (unsigned long long)tf->epc,
		    (unsigned long long)tf->status);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i += 3) {
		size_t n = 0;
		for (unsigned r = i; r < MIN(i + 3, ARRAY_SIZE(names)); r++)
			n += (size_t)format_string(line + n, sizeof(line) - n, "  %3s %016llx",
						   names[r], (unsigned long long)tf->x[r]);
		print_error("%s", line);
	}
}

static void
step_own_stack(void)
{
	print_error("stack of this hart:");
	if (state.tf != NULL)
		backtrace_print_frame(state.tf);
	else
		backtrace_print_caller(state.frame);
}

static void
print_second(unsigned hart, const struct second *s)
{
	print_error("hart %u panicked too: %s", hart, s->message);
	for (unsigned i = 0; i < s->depth; i++) {
		char line[128];
		backtrace_format(line, sizeof(line), s->pc[i]);
		print_error("  0x%016llx %s", (unsigned long long)s->pc[i], line);
	}
}

static void
print_other(unsigned hart, const struct arch_thread *t)
{
	const struct trapframe *tf = smp_stopped_frame(hart);
	const void *frame = smp_stopped_spinning(hart);

	if (tf == NULL && frame == NULL) {
		print_error("hart %u did not stop when asked", hart);
		return;
	}
	print_error("stack of hart %u, thread %d (%s):", hart, t == NULL ? 0 : t->id,
		    t == NULL ? "none" : t->name);
	if (tf != NULL)
		backtrace_print_frame(tf);
	else
		backtrace_print_caller(frame);
}

static void
step_other_harts(void)
{
	for (unsigned i = 0; i < hart_count(); i++) {
		struct hart *h = hart_at(i);
		if (state.who != NULL && h == state.who->hart)
			continue;
		if (__atomic_load_n(&state.seconds[i].there, __ATOMIC_ACQUIRE))
			print_second(i, &state.seconds[i]);
		else if (__atomic_load_n(&h->online, __ATOMIC_RELAXED))
			print_other(i, h->current);
	}
}

static void
step_locks(void)
{
	if (state.lock_report != NULL)
		state.lock_report();
}

static void
step_end(void)
{
	char action[8] = "";

	bootargs_string("panic", action, sizeof(action));
	if (strcmp(action, "halt") == 0) {
		print_error("panic: halted; waiting for a debugger (boot argument panic=halt)");
		csr_write(sie, 0);
		for (;;)
			cpu_idle();
	}
	power_off(PANIC_STATUS);
}

static void (*const steps[])(void) = {
	step_origin, step_registers,        step_own_stack, step_other_harts,
	step_locks,  upcall_report_threads, step_end,
};

// Leave the message to the hart that reports, and wait for the end.
_Noreturn static void
park_second(const char *format, va_list args)
{
	struct second *s = &state.seconds[this_hart()->index];

	format_string_va(s->message, sizeof(s->message), format, args);
	s->depth = backtrace_capture(s->pc, STACK_DEPTH);
	__atomic_store_n(&s->there, true, __ATOMIC_RELEASE);
	for (;;)
		cpu_relax();
}

// The first panic.
static void
announce(const struct trapframe *tf, const void *frame, const char *format, va_list args)
{
	state.tf = tf;
	state.frame = frame;
	if (state.who != NULL)
		smp_stop_others();
	print_enter_panic();
	format_string_va(state.message, sizeof(state.message), format, args);
	print_error("\npanic: %s", state.message);
}

// One while the first is being reported.  It may be printing that panics.
static void
announce_again(const char *format, va_list args)
{
	static char message[MESSAGE_SIZE];

	if (state.depth > DEPTH_MAX + 1)
		for (;;)
			cpu_relax();
	if (state.depth > DEPTH_MAX)
		power_off(PANIC_STATUS);
	print_enter_panic();
	if (state.next_step == 0)
		print_error("\npanic: %s", state.message);
	format_string_va(message, sizeof(message), format, args);
	print_error("panic in the report (its next part follows): %s", message);
}

_Noreturn static void
panic_va(const struct trapframe *tf, const void *frame, const char *format, va_list args)
{
	struct arch_thread *me = arch_current();
	struct arch_thread *first = NULL;

	intr_off();
	if (!__atomic_compare_exchange_n(&state.who, &first, me, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE) &&
	    first != me)
		park_second(format, args);

	if (__atomic_add_fetch(&state.depth, 1, __ATOMIC_ACQ_REL) == 1)
		announce(tf, frame, format, args);
	else
		announce_again(format, args);
	while (state.next_step < ARRAY_SIZE(steps))
		steps[state.next_step++]();
	power_off(PANIC_STATUS); // the last step has panicked
}

void
panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	panic_va(NULL, __builtin_frame_address(0), format, args);
}

void
panic_frame(const struct trapframe *tf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	panic_va(tf, __builtin_frame_address(0), format, args);
}

bool
panicking(void)
{
	return __atomic_load_n(&state.depth, __ATOMIC_ACQUIRE) > 0;
}

void
panic_set_lock_report(void (*report)(void))
{
	state.lock_report = report;
}

void
upcall_fatal(const struct trapframe *tf, const char *what)
{
	panic_frame(tf, "%s in the kernel, address %#lx", what, tf->tval);
}
