// SPDX-License-Identifier: MIT
/*
 * Serial ports: what a UART driver offers to the terminal (proc/tty.h).
 */
#pragma once

#include "arch/types.h"

struct serial_port {
	const char *name;
	// Queue up to n bytes; returns how many were taken; space(arg) will be
	// called when there is room again after a short count.  Any context.
	size_t (*write)(struct serial_port *p, const char *bytes, size_t n);
	void *driver;

	// Set by the terminal; called from the interrupt.
	void (*receive)(void *arg, const char *bytes, size_t n);
	void (*space)(void *arg);
	void *arg;
};

// The machine's console; the driver registers it, the terminal takes it.
void serial_register_console(struct serial_port *p);
struct serial_port *serial_console(void);
