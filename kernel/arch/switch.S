// SPDX-License-Identifier: MIT
/*
 * The switch of threads (arch/context.h).
 */
#include "arch/offsets.h"

	.text

	// void context_swap(struct context *from, struct context *to)
	// Stack: from's, then to's.  Interrupts off.
	.globl context_swap
	.type context_swap, @function
context_swap:
	sd ra, CONTEXT_RA(a0)
	sd sp, CONTEXT_SP(a0)
	sd s0, CONTEXT_S(0)(a0)
	sd s1, CONTEXT_S(1)(a0)
	sd s2, CONTEXT_S(2)(a0)
	sd s3, CONTEXT_S(3)(a0)
	sd s4, CONTEXT_S(4)(a0)
	sd s5, CONTEXT_S(5)(a0)
	sd s6, CONTEXT_S(6)(a0)
	sd s7, CONTEXT_S(7)(a0)
	sd s8, CONTEXT_S(8)(a0)
	sd s9, CONTEXT_S(9)(a0)
	sd s10, CONTEXT_S(10)(a0)
	sd s11, CONTEXT_S(11)(a0)
	mv tp, a2
	ld ra, CONTEXT_RA(a1)
	ld sp, CONTEXT_SP(a1)
	ld s0, CONTEXT_S(0)(a1)
	ld s1, CONTEXT_S(1)(a1)
	ld s2, CONTEXT_S(2)(a1)
	ld s3, CONTEXT_S(3)(a1)
	ld s4, CONTEXT_S(4)(a1)
	ld s5, CONTEXT_S(5)(a1)
	ld s6, CONTEXT_S(6)(a1)
	ld s7, CONTEXT_S(7)(a1)
	ld s8, CONTEXT_S(8)(a1)
	ld s9, CONTEXT_S(9)(a1)
	ld s10, CONTEXT_S(10)(a1)
	ld s11, CONTEXT_S(11)(a1)
	ret
	.size context_swap, . - context_swap

	// The first instructions of a new thread: s1 is its entry, s2 the
	// argument (context_init()).
	.globl context_start
	.type context_start, @function
context_start:
	mv s0, zero			// a backtrace ends here
	mv a0, s2
	jalr s1
1:	j 1b				// entry does not return
	.size context_start, . - context_start
