// SPDX-License-Identifier: MIT
/*
 * Loads and stores at user addresses (arch/uaccess.h).
 *
 * A copy goes in blocks of 64 bytes, then words, then bytes.  A fault that
 * can't be served falls back to the next smaller step from the same place, so
 * that the count of bytes not copied is exact.
 */
#define SUM_BIT 0x40000

	// One instruction that may fault, and where it goes on then.
	.macro try fixup, instruction:vararg
9000:	\instruction
	.pushsection .fixup, "a"
	.balign 8
	.quad 9000b, \fixup
	.popsection
	.endm

	.text

	// uint64_t uaccess_copy_in(void *to, uaddr_t from, uint64_t n)
	// uint64_t uaccess_copy_out(uaddr_t to, const void *from, uint64_t n)
	// One body: a fault can only be at the user's side.
	.globl uaccess_copy_in, uaccess_copy_out
	.type uaccess_copy_in, @function
	.type uaccess_copy_out, @function
uaccess_copy_in:
uaccess_copy_out:
	li t6, SUM_BIT
	csrs sstatus, t6
	xor t0, a0, a1
	andi t0, t0, 7
	bnez t0, copy_bytes		// never aligned together
copy_head:
	andi t0, a0, 7
	beqz t0, copy_blocks
	beqz a2, copy_end
	try copy_end, lb t0, 0(a1)
	try copy_end, sb t0, 0(a0)
	addi a0, a0, 1
	addi a1, a1, 1
	addi a2, a2, -1
	j copy_head
copy_blocks:
	li t5, 64
1:	bltu a2, t5, copy_words
	try copy_words, ld t0, 0(a1)
	try copy_words, ld t1, 8(a1)
	try copy_words, ld t2, 16(a1)
	try copy_words, ld t3, 24(a1)
	try copy_words, ld t4, 32(a1)
	try copy_words, ld a3, 40(a1)
	try copy_words, ld a4, 48(a1)
	try copy_words, ld a5, 56(a1)
	try copy_words, sd t0, 0(a0)
	try copy_words, sd t1, 8(a0)
	try copy_words, sd t2, 16(a0)
	try copy_words, sd t3, 24(a0)
	try copy_words, sd t4, 32(a0)
	try copy_words, sd a3, 40(a0)
	try copy_words, sd a4, 48(a0)
	try copy_words, sd a5, 56(a0)
	addi a0, a0, 64
	addi a1, a1, 64
	addi a2, a2, -64
	j 1b
copy_words:
	li t5, 8
1:	bltu a2, t5, copy_bytes
	try copy_bytes, ld t0, 0(a1)
	try copy_bytes, sd t0, 0(a0)
	addi a0, a0, 8
	addi a1, a1, 8
	addi a2, a2, -8
	j 1b
copy_bytes:
	beqz a2, copy_end
1:	try copy_end, lb t0, 0(a1)
	try copy_end, sb t0, 0(a0)
	addi a0, a0, 1
	addi a1, a1, 1
	addi a2, a2, -1
	bnez a2, 1b
copy_end:
	csrc sstatus, t6
	mv a0, a2
	ret
	.size uaccess_copy_in, . - uaccess_copy_in
	.size uaccess_copy_out, . - uaccess_copy_out

	// uint64_t uaccess_zero(uaddr_t to, uint64_t n)
	.globl uaccess_zero
	.type uaccess_zero, @function
uaccess_zero:
	li t6, SUM_BIT
	csrs sstatus, t6
zero_head:
	andi t0, a0, 7
	beqz t0, zero_words
	beqz a1, zero_end
	try zero_end, sb zero, 0(a0)
	addi a0, a0, 1
	addi a1, a1, -1
	j zero_head
zero_words:
	li t5, 8
1:	bltu a1, t5, zero_bytes
	try zero_bytes, sd zero, 0(a0)
	addi a0, a0, 8
	addi a1, a1, -8
	j 1b
zero_bytes:
	beqz a1, zero_end
1:	try zero_end, sb zero, 0(a0)
	addi a0, a0, 1
	addi a1, a1, -1
	bnez a1, 1b
zero_end:
	csrc sstatus, t6
	mv a0, a1
	ret
	.size uaccess_zero, . - uaccess_zero

	// int64_t uaccess_copy_string(char *to, uaddr_t from, uint64_t n)
	.globl uaccess_copy_string
	.type uaccess_copy_string, @function
uaccess_copy_string:
	li t6, SUM_BIT
	csrs sstatus, t6
	mv t1, zero
1:	beq t1, a2, 2f			// no NUL in n bytes: the result is n
	add t2, a1, t1
	try string_fault, lb t0, 0(t2)
	add t3, a0, t1
	sb t0, 0(t3)
	beqz t0, 2f
	addi t1, t1, 1
	j 1b
string_fault:
	li t1, -1
2:	csrc sstatus, t6
	mv a0, t1
	ret
	.size uaccess_copy_string, . - uaccess_copy_string
