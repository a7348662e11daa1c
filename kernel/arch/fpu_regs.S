// SPDX-License-Identifier: MIT
/*
 * The floating point registers to and from memory.  The only code of the
 * kernel that has floating point instructions.
 */
#include "arch/offsets.h"

	.option arch, +f, +d
	.text

	// void fpu_store_registers(struct fpu_state *to)
	// The unit is on.
	.globl fpu_store_registers
	.type fpu_store_registers, @function
fpu_store_registers:
	.irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	fsd f\i, 8 * \i(a0)
	.endr
	.irp i, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	fsd f\i, 8 * \i(a0)
	.endr
	frcsr t0
	sw t0, FPU_FCSR(a0)
	ret
	.size fpu_store_registers, . - fpu_store_registers

	// void fpu_load_registers(const struct fpu_state *from)
	// The unit is on.
	.globl fpu_load_registers
	.type fpu_load_registers, @function
fpu_load_registers:
	.irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	fld f\i, 8 * \i(a0)
	.endr
	.irp i, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	fld f\i, 8 * \i(a0)
	.endr
	lw t0, FPU_FCSR(a0)
	fscsr t0
	ret
	.size fpu_load_registers, . - fpu_load_registers
