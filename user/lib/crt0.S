// SPDX-License-Identifier: MIT
/*
 * Where a program starts: registers are zero but for sp, which points to argc,
 * then argv, envp and the auxiliary vector (RISC-V psABI, "Program loading").
 */
	.cfi_sections .debug_frame
	.section .text.start, "ax", @progbits
	.globl	_start
	.type	_start, @function
_start:
	.cfi_startproc
	.cfi_undefined ra		// a backtrace ends here
	.option push
	.option norelax
	lla	gp, __global_pointer$
	.option pop
	mv	a0, sp
	andi	sp, sp, -16
	li	fp, 0
	call	__start
	unimp				// __start() does not return
	.cfi_endproc
	.size	_start, . - _start
