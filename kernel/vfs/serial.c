// SPDX-License-Identifier: MIT
/*
 * Where the UART driver, which knows no terminals, and the terminal, which knows
 * no drivers, find each other: one pointer, set while the machine boots.
 */
#include "vfs/serial.h"

static struct serial_port *console;

void
serial_register_console(struct serial_port *p)
{
	__atomic_store_n(&console, p, __ATOMIC_RELEASE);
}

struct serial_port *
serial_console(void)
{
	return __atomic_load_n(&console, __ATOMIC_ACQUIRE);
}
