// SPDX-License-Identifier: MIT
/*
 * ioctl() requests (include/uapi/asm-generic/ioctls.h, termios.h, linux/fs.h).
 */
#pragma once

#include <stdint.h>

// Terminals.  The argument is a pointer, unless said otherwise.
#define TCGETS     0x5401 // struct termios
#define TCSETS     0x5402
#define TCSETSW    0x5403 // after what was written has gone out
#define TCSETSF    0x5404 // and drop what was typed
#define TCSBRK     0x5409 // a number: 1 waits until all is written
#define TCXONC     0x540A // a number: TCOOFF ...
#define TCFLSH     0x540B // a number: TCIFLUSH ...
#define TIOCSCTTY  0x540E // make it my session's; a number: 1 steals
#define TIOCGPGRP  0x540F // pid_t: the group in the foreground
#define TIOCSPGRP  0x5410
#define TIOCOUTQ   0x5411 // int: bytes not yet written
#define TIOCSTI    0x5412 // char: as if typed
#define TIOCGWINSZ 0x5413 // struct winsize
#define TIOCSWINSZ 0x5414
#define TIOCNOTTY  0x5422 // no argument: give up the controlling terminal
#define TIOCGSID   0x5429 // pid_t: the session

#define FIONREAD 0x541B // int: bytes that a read would get
#define TIOCINQ  FIONREAD
#define FIONBIO  0x5421 // int: wait never (1), or if need be (0)
#define FIONCLEX 0x5450
#define FIOCLEX  0x5451

// Block devices.
#define BLKSSZGET    0x1268     // int: bytes in a sector
#define BLKFLSBUF    0x1261     // no argument: write back and forget
#define BLKGETSIZE64 0x80081272 // uint64_t: bytes

struct winsize {
	uint16_t ws_row;
	uint16_t ws_col;
	uint16_t ws_xpixel;
	uint16_t ws_ypixel;
};
