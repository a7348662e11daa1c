/* SPDX-License-Identifier: MIT */
/*
 * The kernel's symbol table as an object: TABLE is what tools/symbols.py wrote,
 * or an empty file for the first of the two links.
 */
	.section .ksyms, "a", @progbits
	.balign 8
	.globl symbol_blob, symbol_blob_end
symbol_blob:
	.incbin TABLE
symbol_blob_end:
