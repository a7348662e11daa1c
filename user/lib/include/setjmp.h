// SPDX-License-Identifier: MIT
/*
 * Returning to a function that is still running, from below it.
 *
 * What the RISC-V calling convention asks a function to preserve: ra, sp, s0 to
 * s11, fs0 to fs11.
 */
#pragma once

typedef struct __jmp_buf {
	unsigned long __x[14];
	double __f[12];
} jmp_buf[1];

int setjmp(jmp_buf env) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf env, int value);
