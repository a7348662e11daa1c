// SPDX-License-Identifier: MIT
/*
 * The end, with a report.
 *
 * A panic stops all other harts, prints the message, version, uptime, hart
 * and thread, registers if there is a trap frame, this hart's and the other
 * harts' stacks as "function+offset file:line", the locks held and the threads
 * (upcall_report_threads()), and powers the machine off with a failing status,
 * or waits for a debugger if the boot argument panic=halt says so.
 */
#pragma once

#include "arch/types.h"

struct trapframe;

_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void panic_frame(const struct trapframe *tf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

// For mistakes of ours only, never for what a user, a disk or a network does.
#define assert(condition)                                                                     \
	do {                                                                                  \
		if (__builtin_expect(!(condition), 0))                                        \
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #condition); \
	} while (0)

// Whether some hart panics.
bool panicking(void);

// The exit status of a machine that panicked; the grader knows it.
#define PANIC_STATUS 125

// Locks held, for the report; lock/ sets it at boot.
void panic_set_lock_report(void (*report)(void));
