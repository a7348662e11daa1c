// SPDX-License-Identifier: MIT
/*
 * What the system calls bear (include/uapi/linux/limits.h).
 */
#pragma once

#define NAME_MAX    255    // bytes of a file's name
#define PATH_MAX    4096   // bytes of a path, with the null byte
#define PIPE_BUF    4096   // bytes that go into a pipe in one piece
#define ARG_MAX     131072 // bytes of one exec's arguments, environment
#define NGROUPS_MAX 65536
#define LINK_MAX    127
#define MAX_CANON   255 // bytes of a line typed at a terminal
#define MAX_INPUT   255
