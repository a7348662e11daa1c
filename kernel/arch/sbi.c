// SPDX-License-Identifier: MIT
/*
 * The firmware's door: function in a6, extension in a7, results in a0 and a1;
 * nothing else changes (SBI 1.0, chapter 3).
 */
#include "arch/sbi.h"

#define SBI_BASE_PROBE 3

struct sbi_result
sbi_call(uint64_t ext, uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3,
	 uint64_t a4)
{
	register uint64_t r0 asm("a0") = a0;
	register uint64_t r1 asm("a1") = a1;
	register uint64_t r2 asm("a2") = a2;
	register uint64_t r3 asm("a3") = a3;
	register uint64_t r4 asm("a4") = a4;
	register uint64_t r6 asm("a6") = fid;
	register uint64_t r7 asm("a7") = ext;

	asm volatile("ecall"
		     : "+r"(r0), "+r"(r1)
		     : "r"(r2), "r"(r3), "r"(r4), "r"(r6), "r"(r7)
		     : "memory");
	return (struct sbi_result){ (int64_t)r0, r1 };
}

bool
sbi_has_extension(uint64_t ext)
{
	struct sbi_result r = sbi_call(SBI_EXT_BASE, SBI_BASE_PROBE, ext, 0, 0, 0, 0);
	return r.error == 0 && r.value != 0;
}
