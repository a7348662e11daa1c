// SPDX-License-Identifier: MIT
/*
 * From the firmware to C.
 *
 * Both entries run at physical addresses with translation off: a0 is the
 * hart's id (SBI 1.0, section 9.1; QEMU's virt machine enters _start likewise).
 * They switch to boot_root, which maps RAM at its physical address, in the
 * direct map and where the kernel is linked, in pages of 1 GiB with all rights;
 * memory_init() replaces it by the real table.
 */
#include "arch/offsets.h"

#define SATP_SV39_MODE 8
#define ENTRY_LEAF 0xcf // D A X W R V
#define ENTRY(gib) ((gib) << 28 | ENTRY_LEAF)

	// The boot hart.  a1: the device tree's physical address.
	// Stack: none, then the boot stack.  Interrupts off.
	.section .text.entry, "ax"
	.globl _start
_start:
	csrw sie, zero
	csrci sstatus, 2
	la t0, boot_hart_came
	li t1, 1
	amoswap.w.aqrl t1, t1, (t0)
	bnez t1, not_the_first
	la t0, bss_start
	la t1, bss_end
1:	sd zero, 0(t0)
	addi t0, t0, 8
	bltu t0, t1, 1b
	la t0, boot_hart_id
	sd a0, 0(t0)
	la t0, boot_fdt
	sd a1, 0(t0)
	jal t0, enable_translation
	la sp, boot_stack_top
	mv s0, zero
	mv tp, zero
	call kernel_main
2:	j 2b

	// Another hart came first, so this one was started by smp_start_hart(),
	// and the firmware has sent it to the wrong place: OpenSBI 1.1 marks a
	// hart as started before it has stored where (sbi_hsm_hart_start()), and
	// a hart that looks in between goes where the first one went.  It finds
	// its idle thread by its id.
not_the_first:
	la t0, harts
	li t1, HART_SIZE
1:	lwu t2, HART_ID(t0)
	ld a1, HART_IDLE(t0)
	beq t2, a0, 2f
	add t0, t0, t1
	j 1b
2:	bnez a1, hart_start_entry
	la t0, harts
	j 1b				// hart_init() has not run yet

	// The others, by smp_start_hart().  a1: its idle thread's arch_thread.
	// Stack: none, then the idle thread's, which boot_root doesn't map: so
	// the table of the hart that called is loaded first.  Interrupts off.
	.globl hart_start_entry
hart_start_entry:
	csrw sie, zero
	csrci sstatus, 2
	jal t0, enable_translation
	la t0, smp_start_satp
	ld t0, 0(t0)
	csrw satp, t0
	sfence.vma
	mv tp, a1
	ld sp, AT_STACK_TOP(tp)
	mv s0, zero
	call hart_started
3:	j 3b

	// Turn translation on by boot_root and return, in t0's upper half alias.
	// No stack.  Keeps a0, a1.
enable_translation:
	la t1, boot_root
	srli t1, t1, 12
	li t2, SATP_SV39_MODE
	slli t2, t2, 60
	or t1, t1, t2
	csrw satp, t1
	sfence.vma
	li t1, OFFSET_IMAGE
	add t0, t0, t1
	csrw sscratch, zero
	jr t0

	.section .data.boot_hart_came, "aw"
	.balign 4
boot_hart_came:
	.word 0

	.section .data.boot_root, "aw"
	.balign 4096
boot_root:
	.fill 2, 8, 0
	.quad ENTRY(2), ENTRY(3)	// RAM where it is: for the switch itself
	.fill 252, 8, 0
	.set gib, 0
	.rept 128			// the direct map
	.quad ENTRY(gib)
	.set gib, gib + 1
	.endr
	.fill 126, 8, 0
	.quad ENTRY(2), ENTRY(3)	// the kernel's image

	// The upper half of an aligned slot, like every kernel stack.
	.section .bss.stack, "aw", @nobits
	.balign 2 * BOOT_STACK
	.globl boot_stack_guard
boot_stack_guard:
	.skip 2 * BOOT_STACK
	.globl boot_stack_top
boot_stack_top:
