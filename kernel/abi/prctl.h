// SPDX-License-Identifier: MIT
/*
 * prctl() (include/uapi/linux/prctl.h).
 */
#pragma once

#define PR_SET_PDEATHSIG    1
#define PR_GET_PDEATHSIG    2
#define PR_GET_DUMPABLE     3
#define PR_SET_DUMPABLE     4
#define PR_SET_NAME         15 // of the thread: 16 bytes with the null
#define PR_GET_NAME         16
#define PR_SET_NO_NEW_PRIVS 38
#define PR_GET_NO_NEW_PRIVS 39

// Fawn's own: with 1 the kernel prints each system call of the process, and of
// those that it forks from then on; with 0 it stops.  Other than 0 and 1 only
// asks.  Returns what was before.
#define PR_FAWN_TRACE 0x4641574e
