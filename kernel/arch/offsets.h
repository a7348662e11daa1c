// SPDX-License-Identifier: MIT
/*
 * Offsets that assembly uses; arch/trap.c and arch/hart.c assert that they are
 * those of the structs.  Read by the assembler too: plain numbers only.
 */
#pragma once

#define AT_STACK_TOP 0
#define AT_SCRATCH   8
#define AT_HART      16

#define HART_EMERGENCY_SP 0
#define HART_ID           8
#define HART_IDLE         16
#define HART_SIZE         56

#define TRAPFRAME_SIZE   288
#define TRAPFRAME_EPC    0
#define TRAPFRAME_X(i)   (8 * (i))
#define TRAPFRAME_STATUS 256
#define TRAPFRAME_CAUSE  264
#define TRAPFRAME_TVAL   272

#define CONTEXT_RA   0
#define CONTEXT_SP   8
#define CONTEXT_S(i) (16 + 8 * (i))

#define FPU_FCSR 256

// One bit of a stack pointer tells stack from guard (arch/layout.h).
#define KSTACK_BIT 14
#define BOOT_STACK 0x4000

#define OFFSET_IMAGE 0xffffffff00000000
