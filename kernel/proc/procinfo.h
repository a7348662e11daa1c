// SPDX-License-Identifier: MIT
/*
 * Processes and the machine as text: /proc/PID/... and /proc/meminfo and its
 * kin, for fs/procfs.c to show.
 */
#pragma once

// Register the files.  Boot, once.
void procinfo_init(void);
