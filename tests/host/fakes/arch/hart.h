// SPDX-License-Identifier: MIT
/*
 * Instead of kernel/arch/hart.h on the host: the same names without registers.
 * There is one hart; interrupts are a flag.
 */
#pragma once

#include "arch/context.h"
#include "arch/fpu.h"
#include "arch/types.h"

struct hart;

struct arch_thread {
	uint64_t stack_top;
	uint64_t scratch;
	struct hart *hart;
	uint32_t intr_depth;
	uint32_t intr_were_on;
	struct context context;
	struct fpu_state fpu;
	int32_t id;
	char name[20];
};

struct hart {
	uint64_t emergency_sp;
	uint32_t id;
	uint32_t index;
	struct arch_thread *idle;
	struct arch_thread *current;
	uint64_t idle_ns;
	uint32_t online;
};

unsigned hart_count(void);
struct hart *hart_at(unsigned index);

struct arch_thread *arch_current(void);
struct hart *this_hart(void);
bool intr_enabled(void);
void intr_on(void);
void intr_off(void);
void intr_push(void);
void intr_pop(void);
void cpu_relax(void);
void cpu_idle(void);
