// SPDX-License-Identifier: MIT
#include "arch/hart.h"

#include "fakes/fake.h"

_Alignas(64) unsigned char fake_thread[4096];

static struct hart only_hart = { .online = 1 };
static struct arch_thread *current = (struct arch_thread *)(void *)fake_thread;
static bool interrupts = true;
static uint64_t relax_left = 1000000;

__attribute__((constructor)) static void
begin(void)
{
	fake_set_current(current);
}

void
fake_set_current(struct arch_thread *t)
{
	current = t;
	t->hart = &only_hart;
	only_hart.current = t;
}

void
fake_set_relax_limit(uint64_t calls)
{
	relax_left = calls;
}

unsigned
hart_count(void)
{
	return 1;
}

struct hart *
hart_at(unsigned index)
{
	return index == 0 ? &only_hart : NULL;
}

struct arch_thread *
arch_current(void)
{
	return current;
}

struct hart *
this_hart(void)
{
	return &only_hart;
}

bool
intr_enabled(void)
{
	return interrupts;
}

void
intr_on(void)
{
	interrupts = true;
}

void
intr_off(void)
{
	interrupts = false;
}

void
intr_push(void)
{
	if (current->intr_depth++ == 0)
		current->intr_were_on = interrupts;
	interrupts = false;
}

void
intr_pop(void)
{
	CHECK(current->intr_depth > 0);
	CHECK(!interrupts);
	if (--current->intr_depth == 0 && current->intr_were_on)
		interrupts = true;
}

void
cpu_relax(void)
{
	if (relax_left-- == 0)
		check_fail("cpu_relax", 0, "spins for something that nobody will do");
}

void
cpu_idle(void)
{
	check_fail("cpu_idle", 0, "waits for an interrupt");
}
