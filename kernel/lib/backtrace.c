// SPDX-License-Identifier: MIT
/*
 * Walking stacks.
 *
 * A walk is at a place in the code and has the frame pointer there.  A step
 * reads the frame: its return address is the next place, its saved frame
 * pointer the next frame pointer.  Three cases are not so:
 *
 *   - The trap entry pushes a trap frame right below what it interrupted and
 *     calls C with the stack pointer at it.  So the frame pointer of that C
 *     function is the trap frame's address, and the stack pointer that is saved
 *     in it is its end.  A frame pointer for which this holds is taken for one,
 *     and the walk goes on where the trap came from.
 *   - Code that a trap interrupted may be a leaf, which keeps only its caller's
 *     frame pointer, where others keep the return address.  That one is still
 *     in ra, and ra is in the trap frame.
 *   - Who called an address that is no code is still in ra, too.
 *   - At a trap from user mode the walk is over.
 *
 * Nothing is read outside of the stack that the walk began on, and each frame
 * lies above the one before, so a broken chain ends the walk early and no more.
 * Where a stack begins and ends follows from any address on it (arch/layout.h).
 */
#include "lib/backtrace.h"

#include "arch/hart.h"
#include "arch/image.h"
#include "arch/layout.h"
#include "arch/trap.h"
#include "lib/math.h"
#include "lib/print.h"
#include "lib/symbol.h"

#define FRAMES_MAX 64
#define LINE_SIZE  128

enum place {
	PLACE_RETURN, // pc is a return address: the call lies before it
	PLACE_EXACT,  // pc is the instruction that a trap interrupted
};

struct walk {
	uint64_t pc; // 0: the walk is over
	uint64_t fp;
	uint64_t ra; // register ra, if exact
	enum place place;
	const struct trapframe *tf; // the frame that pc's code has pushed, or NULL
	uint64_t low;               // the stack's bounds
	uint64_t high;
};

static bool
is_text(uint64_t pc)
{
	return pc >= (uint64_t)text_start && pc <= (uint64_t)text_end;
}

static void
set_bounds(struct walk *w, uint64_t sp)
{
	uint64_t slot = align_down(sp - 1, KSTACK_SLOT);

	if (sp < KSTACK_BASE)
		return; // an empty range: nothing is read
	// One that ran over points into the guard: then all of the stack counts.
	w->low = MAX(sp, slot + KSTACK_SLOT - KSTACK_SIZE);
	w->high = slot + KSTACK_SLOT;
}

// Whether size bytes at address lie on the walk's stack.
static bool
on_stack(const struct walk *w, uint64_t address, uint64_t size)
{
	return address >= w->low && address <= w->high && w->high - address >= size;
}

// The trap frame that the C function with frame pointer fp was called with, or
// NULL.
static const struct trapframe *
trapframe_at(const struct walk *w, uint64_t fp)
{
	const struct trapframe *tf = (const struct trapframe *)fp;

	if (!on_stack(w, fp, sizeof(*tf)))
		return NULL;
	if (trapframe_from_user(tf))
		return fp + sizeof(*tf) == w->high ? tf : NULL;
	return tf->x[TF_SP] == fp + sizeof(*tf) && is_text(tf->epc) ? tf : NULL;
}

static void
enter_trapped(struct walk *w, const struct trapframe *tf)
{
	w->pc = trapframe_from_user(tf) ? 0 : tf->epc;
	w->fp = tf->x[TF_S0];
	w->ra = tf->x[TF_RA];
	w->place = PLACE_EXACT;
	w->tf = NULL;
}

static void
step(struct walk *w)
{
	if (w->tf != NULL) {
		enter_trapped(w, w->tf);
		return;
	}
	if (w->place == PLACE_EXACT && !is_text(w->pc)) {
		w->place = PLACE_RETURN;
		w->pc = is_text(w->ra) ? w->ra : 0;
		return;
	}
	if (w->fp % 16 != 0 || !on_stack(w, w->fp - 16, 16)) {
		w->pc = 0;
		return;
	}

	const uint64_t *frame = (const uint64_t *)w->fp;
	uint64_t pc = frame[-1], fp = frame[-2];
	if (w->place == PLACE_EXACT && !is_text(pc)) {
		fp = pc;
		pc = w->ra;
	}
	w->tf = w->place == PLACE_RETURN ? trapframe_at(w, w->fp) : NULL;
	w->low = w->fp;
	w->place = PLACE_RETURN;
	w->fp = fp;
	w->pc = is_text(pc) ? pc : 0;
}

// Begin in a function whose frame pointer is fp, at its caller.
static struct walk
walk_from_callee(uint64_t fp)
{
	struct walk w = { .fp = fp, .place = PLACE_RETURN };

	set_bounds(&w, fp - 16);
	step(&w);
	return w;
}

static void
format_place(char *to, size_t size, uint64_t pc, enum place place)
{
	struct symbol s;
	uint64_t at = place == PLACE_RETURN ? pc - 1 : pc;

	if (!symbol_find(at, &s)) {
		format_string(to, size, "0x%016llx", (unsigned long long)pc);
		return;
	}
	unsigned long long offset = s.offset + (pc - at);
	if (s.file != NULL)
		format_string(to, size, "%s+0x%llx %s:%u", s.function, offset, s.file, s.line);
	else
		format_string(to, size, "%s+0x%llx", s.function, offset);
}

static void
print_walk(struct walk *w)
{
	char line[LINE_SIZE];
	unsigned n;

	for (n = 0; w->pc != 0 && n < FRAMES_MAX; n++) {
		format_place(line, sizeof(line), w->pc, w->place);
		print_error("  0x%016llx %s%s", (unsigned long long)w->pc, line,
			    w->place == PLACE_EXACT ? " (trap)" : "");
		step(w);
	}
	if (n == 0)
		print_error("  (no stack)");
	else if (w->pc != 0)
		print_error("  (and more)");
}

void
backtrace_print_caller(const void *frame)
{
	struct walk w = walk_from_callee((uint64_t)frame);

	print_walk(&w);
}

__attribute__((noinline)) void
backtrace_print(void)
{
	backtrace_print_caller(__builtin_frame_address(0));
}

void
backtrace_print_frame(const struct trapframe *tf)
{
	struct walk w = { 0 };

	if (trapframe_from_user(tf)) {
		print_error("  user mode, at 0x%llx", (unsigned long long)tf->epc);
		return;
	}
	set_bounds(&w, tf->x[TF_SP]);
	enter_trapped(&w, tf);
	print_walk(&w);
}

void
backtrace_print_thread(const struct arch_thread *t)
{
	struct walk w = {
		.pc = t->context.ra,
		.fp = t->context.s[0],
		.place = PLACE_RETURN,
	};

	set_bounds(&w, t->context.sp);
	print_walk(&w);
}

__attribute__((noinline)) unsigned
backtrace_capture(uint64_t *pc, unsigned max)
{
	struct walk w = walk_from_callee((uint64_t)__builtin_frame_address(0));
	unsigned n = 0;

	for (; w.pc != 0 && n < max; step(&w))
		pc[n++] = w.pc;
	return n;
}

void
backtrace_format(char *to, size_t size, uint64_t pc)
{
	format_place(to, size, pc, PLACE_RETURN);
}
