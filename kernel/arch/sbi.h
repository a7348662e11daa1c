// SPDX-License-Identifier: MIT
/*
 * Calls to the firmware (RISC-V Supervisor Binary Interface 1.0).
 */
#pragma once

#include "arch/types.h"

struct sbi_result {
	int64_t error; // 0 or a negative SBI error (chapter 3)
	uint64_t value;
};

#define SBI_EXT_BASE 0x10
#define SBI_EXT_TIME 0x54494d45
#define SBI_EXT_IPI  0x735049
#define SBI_EXT_HSM  0x48534d
#define SBI_EXT_SRST 0x53525354

struct sbi_result sbi_call(uint64_t ext, uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2,
			   uint64_t a3, uint64_t a4);

bool sbi_has_extension(uint64_t ext);
