// SPDX-License-Identifier: MIT
/*
 * Loads and stores at user addresses.
 *
 * sstatus.SUM is set inside these functions only.  Each of their instructions
 * that may fault stands in a table (section .fixup) beside the place where it
 * goes on: the fault is first treated like any page fault of the program
 * (upcall_page_fault()), and if that fails the function returns short.
 * Addresses are checked against USER_TOP by the caller (vm/usercopy.h, which
 * is what the rest of the kernel calls).
 */
#pragma once

#include "arch/types.h"

// Copy n bytes; returns how many were not copied.  May sleep.
uint64_t uaccess_copy_in(void *to, uaddr_t from, uint64_t n);
uint64_t uaccess_copy_out(uaddr_t to, const void *from, uint64_t n);
uint64_t uaccess_zero(uaddr_t to, uint64_t n);

// Copy a string of at most n bytes with its NUL.  Returns its length without
// the NUL, n if there is no NUL in n bytes, or -1 if a byte can't be read.
int64_t uaccess_copy_string(char *to, uaddr_t from, uint64_t n);

// Where a fault at pc goes on, or 0 if pc is not a user access.
uint64_t uaccess_fixup(uint64_t pc);
