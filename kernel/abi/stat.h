// SPDX-License-Identifier: MIT
/*
 * What fstat() and newfstatat() tell of a file, and mode bits
 * (include/uapi/asm-generic/stat.h, linux/stat.h).
 */
#pragma once

#include "abi/time.h"

struct stat {
	dev_t st_dev; // the file system it lies on
	ino_t st_ino;
	mode_t st_mode;
	uint32_t st_nlink;
	uid_t st_uid;
	gid_t st_gid;
	dev_t st_rdev; // which device a device file means
	uint64_t __pad1;
	off_t st_size;
	int32_t st_blksize; // a good size for reads and writes
	int32_t __pad2;
	int64_t st_blocks; // room taken, in units of 512 bytes
	struct timespec st_atim;
	struct timespec st_mtim;
	struct timespec st_ctim;
	uint32_t __unused4;
	uint32_t __unused5;
};

// Of st_mode: the file's kind ...
#define S_IFMT   0170000
#define S_IFSOCK 0140000
#define S_IFLNK  0120000
#define S_IFREG  0100000
#define S_IFBLK  0060000
#define S_IFDIR  0040000
#define S_IFCHR  0020000
#define S_IFIFO  0010000

#define S_ISLNK(mode)  (((mode)&S_IFMT) == S_IFLNK)
#define S_ISREG(mode)  (((mode)&S_IFMT) == S_IFREG)
#define S_ISDIR(mode)  (((mode)&S_IFMT) == S_IFDIR)
#define S_ISCHR(mode)  (((mode)&S_IFMT) == S_IFCHR)
#define S_ISBLK(mode)  (((mode)&S_IFMT) == S_IFBLK)
#define S_ISFIFO(mode) (((mode)&S_IFMT) == S_IFIFO)
#define S_ISSOCK(mode) (((mode)&S_IFMT) == S_IFSOCK)

// ... and who may do what with it.
#define S_ISUID 0004000
#define S_ISGID 0002000
#define S_ISVTX 0001000

#define S_IRWXU 00700
#define S_IRUSR 00400
#define S_IWUSR 00200
#define S_IXUSR 00100

#define S_IRWXG 00070
#define S_IRGRP 00040
#define S_IWGRP 00020
#define S_IXGRP 00010

#define S_IRWXO 00007
#define S_IROTH 00004
#define S_IWOTH 00002
#define S_IXOTH 00001

// utimensat(): in tv_nsec, in place of a time.
#define UTIME_NOW  ((1L << 30) - 1L)
#define UTIME_OMIT ((1L << 30) - 2L)
