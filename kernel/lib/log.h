// SPDX-License-Identifier: MIT
/*
 * The log ring: the last 64 KiB of messages, for dmesg and for post-mortems.
 */
#pragma once

#include "arch/types.h"

// Append one message's text (print.c only).  Any context.
void log_append(int level, uint64_t when_ns, const char *text, size_t n);

// Copy at most size bytes of the newest messages into to, oldest first, each
// as a line "<level>[seconds.micros] text\n", level being Linux's number (3
// error, 4 warning, 6 information, 7 debug).  Whole lines only.  Returns how
// many bytes.  Any context; may be called in a panic.
size_t log_read(char *to, size_t size);

// Bytes that log_read() would give.
size_t log_length(void);

// log_read() and log_length() forget what was appended before.
void log_clear(void);
