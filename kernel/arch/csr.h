// SPDX-License-Identifier: MIT
/*
 * Control and status registers of supervisor mode
 * (RISC-V Privileged Architecture, version 20211203, chapter 4).
 */
#pragma once

#include "arch/types.h"

#define csr_read(name)                                                        \
	({                                                                    \
		uint64_t csr_value_;                                          \
		asm volatile("csrr %0, " #name : "=r"(csr_value_)::"memory"); \
		csr_value_;                                                   \
	})
#define csr_write(name, value) \
	asm volatile("csrw " #name ", %0" ::"rK"((uint64_t)(value)) : "memory")
#define csr_set(name, bits)   asm volatile("csrs " #name ", %0" ::"rK"((uint64_t)(bits)) : "memory")
#define csr_clear(name, bits) asm volatile("csrc " #name ", %0" ::"rK"((uint64_t)(bits)) : "memory")

// sstatus, section 4.1.1
#define SSTATUS_SIE        (UINT64_C(1) << 1)  // interrupts enabled
#define SSTATUS_SPIE       (UINT64_C(1) << 5)  // SIE before the trap
#define SSTATUS_SPP        (UINT64_C(1) << 8)  // the trap came from supervisor mode
#define SSTATUS_FS         (UINT64_C(3) << 13) // floating point unit's state
#define SSTATUS_FS_OFF     (UINT64_C(0) << 13)
#define SSTATUS_FS_INITIAL (UINT64_C(1) << 13)
#define SSTATUS_FS_CLEAN   (UINT64_C(2) << 13)
#define SSTATUS_FS_DIRTY   (UINT64_C(3) << 13)
#define SSTATUS_SUM        (UINT64_C(1) << 18) // supervisor may touch user pages

// sie and sip, section 4.1.3
#define SIE_SSI (UINT64_C(1) << 1) // software: another hart calls
#define SIE_STI (UINT64_C(1) << 5) // timer
#define SIE_SEI (UINT64_C(1) << 9) // external: the interrupt controller

// scause, table 4.2
#define CAUSE_INTERRUPT        (UINT64_C(1) << 63)
#define CAUSE_IRQ_SOFT         (CAUSE_INTERRUPT | 1)
#define CAUSE_IRQ_TIMER        (CAUSE_INTERRUPT | 5)
#define CAUSE_IRQ_EXT          (CAUSE_INTERRUPT | 9)
#define CAUSE_FETCH_MISALIGNED 0
#define CAUSE_FETCH_ACCESS     1
#define CAUSE_ILLEGAL          2
#define CAUSE_BREAKPOINT       3
#define CAUSE_LOAD_MISALIGNED  4
#define CAUSE_LOAD_ACCESS      5
#define CAUSE_STORE_MISALIGNED 6
#define CAUSE_STORE_ACCESS     7
#define CAUSE_ECALL_USER       8
#define CAUSE_FETCH_PAGE       12
#define CAUSE_LOAD_PAGE        13
#define CAUSE_STORE_PAGE       15

// satp, section 4.1.11
#define SATP_SV39 (UINT64_C(8) << 60)

// scounteren: user mode may read cycle, time and instret, section 4.1.5
#define SCOUNTEREN_CY UINT64_C(1)
#define SCOUNTEREN_TM UINT64_C(2)
#define SCOUNTEREN_IR UINT64_C(4)

// stimecmp of the Sstc extension; older assemblers don't know its name.
#define CSR_STIMECMP 0x14d
