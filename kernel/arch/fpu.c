// SPDX-License-Identifier: MIT
/*
 * Floating point state: off, used and clean, or dirty (arch/fpu.h).
 *
 * sstatus.FS of the hart always describes the running thread; a return to user
 * mode takes it over (trap_entry.S).
 */
#include "arch/fpu.h"

#include "arch/arch_impl.h"

static uint64_t
fs(void)
{
	return csr_read(sstatus) & SSTATUS_FS;
}

static void
set_fs(uint64_t state)
{
	csr_clear(sstatus, SSTATUS_FS);
	csr_set(sstatus, state);
}

static void
load(const struct arch_thread *t)
{
	if (!t->fpu.used) {
		set_fs(SSTATUS_FS_OFF);
		return;
	}
	set_fs(SSTATUS_FS_INITIAL);
	fpu_load_registers(&t->fpu);
	set_fs(SSTATUS_FS_CLEAN);
}

static void
save(struct arch_thread *t)
{
	if (fs() != SSTATUS_FS_DIRTY)
		return;
	fpu_store_registers(&t->fpu);
	set_fs(SSTATUS_FS_CLEAN);
}

void
fpu_switch(struct arch_thread *from, struct arch_thread *to)
{
	save(from);
	if (to->fpu.used || fs() != SSTATUS_FS_OFF)
		load(to);
}

bool
fpu_enable_on_trap(void)
{
	struct arch_thread *t = arch_current();
	if (t->fpu.used)
		return false;
	intr_push();
	t->fpu = (struct fpu_state){ .used = 1 };
	load(t);
	intr_pop();
	return true;
}

void
fpu_save_current(void)
{
	intr_push();
	save(arch_current());
	intr_pop();
}

void
fpu_load_current(void)
{
	intr_push();
	load(arch_current());
	intr_pop();
}

void
fpu_reset_current(void)
{
	struct arch_thread *t = arch_current();
	intr_push();
	t->fpu = (struct fpu_state){ .used = 0 };
	load(t);
	intr_pop();
}
