// SPDX-License-Identifier: MIT
/*
 * Flags of open, fcntl and the calls that take a directory descriptor.
 * Linux's values (include/uapi/asm-generic/fcntl.h, linux/fcntl.h, linux/fs.h).
 */
#pragma once

#include "abi/types.h"

// openat(): how to open, then what else.
#define O_ACCMODE   00000003
#define O_RDONLY    00000000
#define O_WRONLY    00000001
#define O_RDWR      00000002
#define O_CREAT     00000100
#define O_EXCL      00000200
#define O_NOCTTY    00000400
#define O_TRUNC     00001000
#define O_APPEND    00002000
#define O_NONBLOCK  00004000
#define O_DSYNC     00010000
#define O_ASYNC     00020000
#define O_DIRECT    00040000
#define O_LARGEFILE 00100000
#define O_DIRECTORY 00200000
#define O_NOFOLLOW  00400000
#define O_NOATIME   01000000
#define O_CLOEXEC   02000000
#define O_SYNC      (04000000 | O_DSYNC)
#define O_PATH      010000000
#define O_TMPFILE   (020000000 | O_DIRECTORY)
#define O_NDELAY    O_NONBLOCK

// fcntl() commands.
#define F_DUPFD         0
#define F_GETFD         1
#define F_SETFD         2
#define F_GETFL         3
#define F_SETFL         4
#define F_GETLK         5
#define F_SETLK         6
#define F_SETLKW        7
#define F_SETOWN        8
#define F_GETOWN        9
#define F_DUPFD_CLOEXEC 1030
#define F_SETPIPE_SZ    1031
#define F_GETPIPE_SZ    1032

#define FD_CLOEXEC 1 // of F_GETFD and F_SETFD

// Record locks.
#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2

struct flock {
	int16_t l_type;
	int16_t l_whence;
	off_t l_start;
	off_t l_len;
	pid_t l_pid;
};

// The ...at() calls.
#define AT_FDCWD            (-100) // in place of a directory's descriptor
#define AT_SYMLINK_NOFOLLOW 0x100
#define AT_EACCESS          0x200 // faccessat2() only
#define AT_REMOVEDIR        0x200 // unlinkat() only
#define AT_SYMLINK_FOLLOW   0x400
#define AT_NO_AUTOMOUNT     0x800
#define AT_EMPTY_PATH       0x1000

// renameat2()
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE  2
#define RENAME_WHITEOUT  4

// faccessat()
#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4

// lseek()
#define SEEK_SET  0
#define SEEK_CUR  1
#define SEEK_END  2
#define SEEK_DATA 3
#define SEEK_HOLE 4
