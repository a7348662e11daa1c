// SPDX-License-Identifier: MIT
/*
 * wait4(): options, and how a status says what happened
 * (include/uapi/linux/wait.h; the wait(2) manual page).
 *
 * A status is 16 bits: exit code and a zero byte; or 0 and the signal that
 * killed (0x80 added if memory was dumped); or the signal that stopped and
 * 0x7f; or 0xffff when continued.
 */
#pragma once

#define WNOHANG     0x00000001
#define WUNTRACED   0x00000002
#define WSTOPPED    WUNTRACED
#define WEXITED     0x00000004
#define WCONTINUED  0x00000008
#define WNOWAIT     0x01000000
#define __WNOTHREAD 0x20000000
#define __WALL      0x40000000
#define __WCLONE    0x80000000

// Make a status.
#define W_EXITCODE(code, sig) (((code)&0xff) << 8 | (sig))
#define W_STOPCODE(sig)       ((sig) << 8 | 0x7f)
#define W_CONTINUED           0xffff

// Read one.
#define WEXITSTATUS(status)  (((status)&0xff00) >> 8)
#define WTERMSIG(status)     ((status)&0x7f)
#define WSTOPSIG(status)     WEXITSTATUS(status)
#define WIFEXITED(status)    (WTERMSIG(status) == 0)
#define WIFSIGNALED(status)  ((((status) + 1) & 0x7f) > 1)
#define WIFSTOPPED(status)   (((status)&0xff) == 0x7f)
#define WIFCONTINUED(status) ((status) == W_CONTINUED)
#define WCOREDUMP(status)    ((status)&0x80)
