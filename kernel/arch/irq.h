// SPDX-License-Identifier: MIT
/*
 * Interrupt lines: the platform-level interrupt controller
 * (RISC-V PLIC specification 1.0), found in the device tree.
 */
#pragma once

#include "arch/types.h"

typedef void (*irq_handler_t)(void *arg);

// Find the controller and this machine's contexts.  Boot hart, once.
void irq_init(void);
// Let this hart take external interrupts.
void irq_init_hart(void);

// Call handler(arg), interrupts off, when line fires.  Returns 0, -EINVAL for
// no such line, -EBUSY if it has a handler.
int irq_register(unsigned line, const char *name, irq_handler_t handler, void *arg);

// Serve all pending lines of this hart.  Interrupts off.
void irq_dispatch(void);

// External interrupts served so far, of all lines.
uint64_t irq_count(void);

// For reports: calls fn(line, name, count) for each line with a handler.
void irq_for_each(void (*fn)(void *arg, unsigned line, const char *name, uint64_t count),
		  void *arg);
