// SPDX-License-Identifier: MIT
/*
 * A buffered file.
 *
 * The buffer holds either what was read ahead, buffer[next] to buffer[end - 1],
 * or what is not yet written, buffer[0] to buffer[next - 1]; state says which.
 * Before the buffer lies room for characters pushed back: there next is
 * negative.
 */
#pragma once

#include <stdio.h>

#define PUSHBACK 8

enum file_flags {
	CAN_READ = 0x01,
	CAN_WRITE = 0x02,
	AT_EOF = 0x04,
	FAILED = 0x08,
	APPEND = 0x10,
	OWN_FILE = 0x20,   // the struct is from malloc()
	OWN_BUFFER = 0x40, // the buffer is
};

enum file_state { IDLE, READING, WRITING };

struct __file {
	int fd;
	unsigned int flags;
	enum file_state state;
	int mode; // _IOFBF, _IOLBF, _IONBF, or -1: not yet known
	long next;
	long end;
	unsigned char *buffer; // NULL until it is needed
	size_t size;
	unsigned char single[PUSHBACK + 1]; // what a file without a buffer reads into
	struct __file *link;                // in the list of files to be flushed
};

// The three that are always there.
extern struct __file __stdin, __stdout, __stderr;

// Make the file ready to be read or written: get a buffer, put away what the
// other direction left in it.  Return 0 or EOF.
int __file_begin(FILE *file, enum file_state state);

// Add to, and take from, the list of files that exit() flushes.
void __file_register(FILE *file);
void __file_forget(FILE *file);

// Flags and O_ flags of a mode such as "r+", or -1 with errno EINVAL.
int __file_mode(const char *mode, unsigned int *flags);

// Write what is in the buffer.  Return 0 or EOF.
int __file_flush(FILE *file);

// Write bytes through the buffer as the file's mode says.  Return how many
// were taken; fewer than count only after an error.
size_t __file_write(FILE *file, const char *data, size_t count);

// Read more; the buffer is empty before.  Return 0, or EOF at the end or after
// an error.
int __file_fill(FILE *file);
