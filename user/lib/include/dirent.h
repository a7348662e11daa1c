// SPDX-License-Identifier: MIT
/*
 * Reading a directory.
 */
#pragma once

#include <sys/types.h>

#include <abi/dirent.h>

// As the kernel writes it (struct linux_dirent64), with the longest name.
struct dirent {
	ino_t d_ino;
	off_t d_off;
	uint16_t d_reclen;
	uint8_t d_type; // DT_..., or DT_UNKNOWN: ask lstat()
	char d_name[256];
};

typedef struct __dir DIR;

DIR *opendir(const char *path);
DIR *fdopendir(int fd);

// The next entry, or NULL at the end or, with errno set, on an error.  It stays
// as it is until the next call for the same directory.
struct dirent *readdir(DIR *dir);

void rewinddir(DIR *dir);
int dirfd(DIR *dir);
int closedir(DIR *dir);
