// SPDX-License-Identifier: MIT
/*
 * Files whose text is made when they are read: what upper layers offer to
 * procfs (fs/procfs.c), which itself knows nothing of processes.
 */
#pragma once

#include "arch/types.h"

// Text being made; grows as needed.
struct pseudo_text;
// Append; a failure (out of memory) is kept and reported by the read.
void pseudo_printf(struct pseudo_text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void pseudo_write(struct pseudo_text *t, const char *bytes, size_t n);

// /proc/NAME
struct pseudo_file {
	const char *name;
	// Write the text.  Returns 0 or a negative errno for the reader.
	int (*generate)(struct pseudo_text *t);
	unsigned index; // given by registration, as is next
	struct pseudo_file *next;
};
void pseudo_register(struct pseudo_file *f);

// /proc/PID/NAME
struct pseudo_process_file {
	const char *name;
	int (*generate)(struct pseudo_text *t, int pid); // -ESRCH if gone
	unsigned index;
	struct pseudo_process_file *next;
};
void pseudo_register_process(struct pseudo_process_file *f);

// The processes: the smallest id above pid, or 0; the caller's own id
// (/proc/self).  Set once by proc/.
void pseudo_set_processes(int (*next_pid)(int pid), int (*self_pid)(void));

// For procfs: the lists, in order of registration (index 0, 1, ...).
struct pseudo_file *pseudo_files(void);
struct pseudo_process_file *pseudo_process_files(void);
int pseudo_next_pid(int pid);
int pseudo_self_pid(void);
