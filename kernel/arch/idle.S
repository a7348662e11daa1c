// SPDX-License-Identifier: MIT
/*
 * Waiting for an interrupt, alone in its page: under record and replay QEMU
 * stays in wfi for ever if a breakpoint lies in the same page.
 */
	.section .idle, "ax"
	.balign 4096
	.globl cpu_wait
	.type cpu_wait, @function
cpu_wait:
	wfi
	ret
	.size cpu_wait, . - cpu_wait
