// SPDX-License-Identifier: MIT
#include "raw.h"

long
raw_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long a0 asm("a0") = a;
	register long a1 asm("a1") = b;
	register long a2 asm("a2") = c;
	register long a3 asm("a3") = d;
	register long a4 asm("a4") = e;
	register long a5 asm("a5") = f;
	register long a7 asm("a7") = number;

	asm volatile("ecall"
		     : "+r"(a0)
		     : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7)
		     : "memory");
	return a0;
}

// The child has the parent's registers, but for a0 and sp: fn and arg are in
// registers, and nothing is read from the stack.
long
raw_clone(int (*fn)(void *), void *stack, unsigned long flags, void *arg, int *parent_tid,
	  void *tls, int *child_tid)
{
	register long a0 asm("a0") = (long)flags;
	register void *a1 asm("a1") = stack;
	register int *a2 asm("a2") = parent_tid;
	register void *a3 asm("a3") = tls;
	register int *a4 asm("a4") = child_tid;
	register long a7 asm("a7") = SYS_clone;
	register int (*s1)(void *) asm("s1") = fn;
	register void *s2 asm("s2") = arg;

	asm volatile("ecall\n\t"
		     "bnez a0, 1f\n\t"
		     "mv s0, zero\n\t"
		     "mv a0, s2\n\t"
		     "jalr s1\n\t"
		     "li a7, %[exit]\n\t"
		     "ecall\n"
		     "1:"
		     : "+r"(a0)
		     : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7), "r"(s1),
		       "r"(s2), [exit] "i"(SYS_exit)
		     : "memory");
	return a0;
}
