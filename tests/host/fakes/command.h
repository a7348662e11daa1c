// SPDX-License-Identifier: MIT
/*
 * command.c: programs of the host, for what a test hands to them or has from
 * them (disk images).
 */
#pragma once

// A folder of this test's own, removed at its end if it passes.
const char *host_folder(void);

// Run a command of sh in that folder.  A status other than 0 fails the test,
// and what it printed is shown.
void host_command(const char *format, ...) __attribute__((format(printf, 1, 2)));
