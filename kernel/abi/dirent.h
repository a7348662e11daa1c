// SPDX-License-Identifier: MIT
/*
 * The records that getdents64() fills a buffer with (Linux,
 * include/linux/dirent.h; the getdents(2) manual page).
 */
#pragma once

#include "abi/types.h"

struct linux_dirent64 {
	ino_t d_ino;
	off_t d_off;       // lseek() here to go on after this one
	uint16_t d_reclen; // of this record, a multiple of 8
	uint8_t d_type;    // DT_...
	char d_name[];     // ends with a null byte
};

#define DT_UNKNOWN 0
#define DT_FIFO    1
#define DT_CHR     2
#define DT_DIR     4
#define DT_BLK     6
#define DT_REG     8
#define DT_LNK     10
#define DT_SOCK    12
#define DT_WHT     14
