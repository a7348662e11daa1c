// SPDX-License-Identifier: MIT
/*
 * Results of system calls that never reach the program: what upcall_syscall()
 * makes of them is decided on the way back to user mode (proc/deliver.c).
 *
 * A plain -EINTR from a handler means: a signal came; try again if no handler
 * runs for it, or if the handler has SA_RESTART.
 */
#pragma once

// Numbers beyond all errno (abi/errno.h).
#define EINTR_ALWAYS 512 // nothing has happened yet: try again after any handler
#define EINTR_SILENT 513 // try again if no handler runs, else -EINTR
#define EFRAME       514 // the call has set all registers itself
