// SPDX-License-Identifier: MIT
/*
 * setjmp() and longjmp(): save and restore what the calling convention asks a
 * function to preserve (RISC-V psABI, "Register convention").  The layout is
 * that of jmp_buf in <setjmp.h>.
 */
#define INTEGERS(op)		\
	op	ra, 0(a0);	\
	op	sp, 8(a0);	\
	op	s0, 16(a0);	\
	op	s1, 24(a0);	\
	op	s2, 32(a0);	\
	op	s3, 40(a0);	\
	op	s4, 48(a0);	\
	op	s5, 56(a0);	\
	op	s6, 64(a0);	\
	op	s7, 72(a0);	\
	op	s8, 80(a0);	\
	op	s9, 88(a0);	\
	op	s10, 96(a0);	\
	op	s11, 104(a0)
#define FLOATS(op)		\
	op	fs0, 112(a0);	\
	op	fs1, 120(a0);	\
	op	fs2, 128(a0);	\
	op	fs3, 136(a0);	\
	op	fs4, 144(a0);	\
	op	fs5, 152(a0);	\
	op	fs6, 160(a0);	\
	op	fs7, 168(a0);	\
	op	fs8, 176(a0);	\
	op	fs9, 184(a0);	\
	op	fs10, 192(a0);	\
	op	fs11, 200(a0)

	.section .text.setjmp, "ax", @progbits
	.globl	setjmp
	.type	setjmp, @function
setjmp:
	INTEGERS(sd)
	FLOATS(fsd)
	li	a0, 0
	ret
	.size	setjmp, . - setjmp

	.section .text.longjmp, "ax", @progbits
	.globl	longjmp
	.type	longjmp, @function
longjmp:
	INTEGERS(ld)
	FLOATS(fld)
	seqz	a0, a1			// setjmp() never returns 0 twice
	add	a0, a0, a1
	ret
	.size	longjmp, . - longjmp
