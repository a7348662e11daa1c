// SPDX-License-Identifier: MIT
/*
 * The auxiliary vector: pairs of numbers above envp on a new program's stack,
 * ended by AT_NULL (include/uapi/linux/auxvec.h; RISC-V psABI).
 */
#pragma once

#define AT_NULL          0
#define AT_IGNORE        1
#define AT_EXECFD        2
#define AT_PHDR          3 // where the program headers are mapped
#define AT_PHENT         4 // size of one
#define AT_PHNUM         5 // how many
#define AT_PAGESZ        6
#define AT_BASE          7 // of the interpreter; 0 for none
#define AT_FLAGS         8
#define AT_ENTRY         9
#define AT_NOTELF        10
#define AT_UID           11
#define AT_EUID          12
#define AT_GID           13
#define AT_EGID          14
#define AT_PLATFORM      15
#define AT_HWCAP         16 // bit n: extension 'A' + n
#define AT_CLKTCK        17 // units a second of times in /proc
#define AT_SECURE        23
#define AT_BASE_PLATFORM 24
#define AT_RANDOM        25 // address of 16 random bytes
#define AT_HWCAP2        26
#define AT_EXECFN        31 // address of the path given to execve()
#define AT_SYSINFO_EHDR  33 // address of the vDSO
#define AT_MINSIGSTKSZ   51
