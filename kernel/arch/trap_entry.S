// SPDX-License-Identifier: MIT
/*
 * Traps: into the kernel and back.
 *
 * sscratch is the running thread in user mode and 0 in the kernel, so the
 * first two instructions tell where a trap came from.  Nothing between them
 * and the clearing of sscratch may fault: the stack pointer is tested before
 * the first store through it.
 */
#include "arch/offsets.h"

#define SUM_BIT 0x40000
#define FS_BITS 0x6000
#define SPP_BIT 0x100

	// Store all registers but sp and tp in the frame at sp.
	.macro save_registers
	sd x1, TRAPFRAME_X(1)(sp)
	sd x3, TRAPFRAME_X(3)(sp)
	sd x5, TRAPFRAME_X(5)(sp)
	sd x6, TRAPFRAME_X(6)(sp)
	sd x7, TRAPFRAME_X(7)(sp)
	sd x8, TRAPFRAME_X(8)(sp)
	sd x9, TRAPFRAME_X(9)(sp)
	sd x10, TRAPFRAME_X(10)(sp)
	sd x11, TRAPFRAME_X(11)(sp)
	sd x12, TRAPFRAME_X(12)(sp)
	sd x13, TRAPFRAME_X(13)(sp)
	sd x14, TRAPFRAME_X(14)(sp)
	sd x15, TRAPFRAME_X(15)(sp)
	sd x16, TRAPFRAME_X(16)(sp)
	sd x17, TRAPFRAME_X(17)(sp)
	sd x18, TRAPFRAME_X(18)(sp)
	sd x19, TRAPFRAME_X(19)(sp)
	sd x20, TRAPFRAME_X(20)(sp)
	sd x21, TRAPFRAME_X(21)(sp)
	sd x22, TRAPFRAME_X(22)(sp)
	sd x23, TRAPFRAME_X(23)(sp)
	sd x24, TRAPFRAME_X(24)(sp)
	sd x25, TRAPFRAME_X(25)(sp)
	sd x26, TRAPFRAME_X(26)(sp)
	sd x27, TRAPFRAME_X(27)(sp)
	sd x28, TRAPFRAME_X(28)(sp)
	sd x29, TRAPFRAME_X(29)(sp)
	sd x30, TRAPFRAME_X(30)(sp)
	sd x31, TRAPFRAME_X(31)(sp)
	.endm

	.macro restore_registers
	ld x1, TRAPFRAME_X(1)(sp)
	ld x3, TRAPFRAME_X(3)(sp)
	ld x5, TRAPFRAME_X(5)(sp)
	ld x6, TRAPFRAME_X(6)(sp)
	ld x7, TRAPFRAME_X(7)(sp)
	ld x8, TRAPFRAME_X(8)(sp)
	ld x9, TRAPFRAME_X(9)(sp)
	ld x10, TRAPFRAME_X(10)(sp)
	ld x11, TRAPFRAME_X(11)(sp)
	ld x12, TRAPFRAME_X(12)(sp)
	ld x13, TRAPFRAME_X(13)(sp)
	ld x14, TRAPFRAME_X(14)(sp)
	ld x15, TRAPFRAME_X(15)(sp)
	ld x16, TRAPFRAME_X(16)(sp)
	ld x17, TRAPFRAME_X(17)(sp)
	ld x18, TRAPFRAME_X(18)(sp)
	ld x19, TRAPFRAME_X(19)(sp)
	ld x20, TRAPFRAME_X(20)(sp)
	ld x21, TRAPFRAME_X(21)(sp)
	ld x22, TRAPFRAME_X(22)(sp)
	ld x23, TRAPFRAME_X(23)(sp)
	ld x24, TRAPFRAME_X(24)(sp)
	ld x25, TRAPFRAME_X(25)(sp)
	ld x26, TRAPFRAME_X(26)(sp)
	ld x27, TRAPFRAME_X(27)(sp)
	ld x28, TRAPFRAME_X(28)(sp)
	ld x29, TRAPFRAME_X(29)(sp)
	ld x30, TRAPFRAME_X(30)(sp)
	ld x31, TRAPFRAME_X(31)(sp)
	.endm

	// Store what the trap was; user access is off from here on.
	.macro save_cause
	csrr t0, sepc
	li t1, SUM_BIT
	csrrc t1, sstatus, t1
	csrr t2, scause
	csrr t3, stval
	sd t0, TRAPFRAME_EPC(sp)
	sd t1, TRAPFRAME_STATUS(sp)
	sd t2, TRAPFRAME_CAUSE(sp)
	sd t3, TRAPFRAME_TVAL(sp)
	.endm

	// Set sepc and sstatus from the frame.  The floating point unit's state
	// is the hart's, not the frame's: a switch of threads may lie between.
	.macro restore_cause
	ld t0, TRAPFRAME_EPC(sp)
	ld t1, TRAPFRAME_STATUS(sp)
	csrr t2, sstatus
	li t3, FS_BITS
	and t2, t2, t3
	not t3, t3
	and t1, t1, t3
	or t1, t1, t2
	csrw sepc, t0
	csrw sstatus, t1
	.endm

	.text

	// Where stvec points.  Any stack, any registers; interrupts off.
	.balign 4
	.globl trap_entry
	.type trap_entry, @function
trap_entry:
	csrrw tp, sscratch, tp
	bnez tp, from_user

	// From the kernel, on its stack; tp is in sscratch.
	csrrw tp, sscratch, t0		// t0 is in sscratch, tp is right again
	addi sp, sp, -TRAPFRAME_SIZE
	srli t0, sp, KSTACK_BIT
	andi t0, t0, 1
	beqz t0, overflow
	csrrw t0, sscratch, zero
	sd tp, TRAPFRAME_X(4)(sp)
	save_registers
	addi t0, sp, TRAPFRAME_SIZE
	sd t0, TRAPFRAME_X(2)(sp)
	save_cause
	addi s0, sp, TRAPFRAME_SIZE
	mv a0, sp
	call trap_from_kernel
	restore_cause
	restore_registers
	ld tp, TRAPFRAME_X(4)(sp)
	ld sp, TRAPFRAME_X(2)(sp)
	sret

	// From user mode; tp is the thread, the user's tp is in sscratch.
from_user:
	sd sp, AT_SCRATCH(tp)
	ld sp, AT_STACK_TOP(tp)
	addi sp, sp, -TRAPFRAME_SIZE
	save_registers
	ld t0, AT_SCRATCH(tp)
	csrrw t1, sscratch, zero
	sd t0, TRAPFRAME_X(2)(sp)
	sd t1, TRAPFRAME_X(4)(sp)
	save_cause
	mv s0, zero			// a backtrace ends here
	mv a0, sp
	call trap_from_user

	// Back to user mode.  sp: the frame at the end of the kernel stack.
	// Interrupts off.
return_to_user:
	restore_cause
	csrw sscratch, tp
	// A reservation of the kernel's must not let a store-conditional of the
	// program succeed (RISC-V Unprivileged, section 8.2).
	sc.d zero, zero, (sp)
	restore_registers
	ld tp, TRAPFRAME_X(4)(sp)
	ld sp, TRAPFRAME_X(2)(sp)
	sret
	.size trap_entry, . - trap_entry

	// void trap_resume_user(struct trapframe *tf)
	.globl trap_resume_user
	.type trap_resume_user, @function
trap_resume_user:
	mv sp, a0
	j return_to_user
	.size trap_resume_user, . - trap_resume_user

	// The kernel stack has overflowed: sp, lowered by a frame, points into
	// the guard.  The hart's emergency stack takes the report.  t0 is in
	// sscratch; nothing was stored yet.
overflow:
	ld t0, AT_HART(tp)
	ld t0, HART_EMERGENCY_SP(t0)
	addi t0, t0, -TRAPFRAME_SIZE
	sd sp, TRAPFRAME_X(2)(t0)
	mv sp, t0
	csrrw t0, sscratch, zero
	sd tp, TRAPFRAME_X(4)(sp)
	save_registers
	ld t0, TRAPFRAME_X(2)(sp)
	addi t0, t0, TRAPFRAME_SIZE
	sd t0, TRAPFRAME_X(2)(sp)
	save_cause
	mv a0, sp
	call trap_stack_overflow
1:	j 1b
