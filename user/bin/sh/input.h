// SPDX-License-Identifier: MIT
/*
 * Where commands are read from, a character at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define INPUT_END (-1)

struct input {
	const char *text; // a string, or NULL for a file
	int fd;
	size_t chunk; // how much of the file to read at once
	bool prompts;
	bool continued; // the next line belongs to a command begun before
	bool at_start;  // of a line
	int line;       // being read, from 1
	char pushed[2]; // characters put back
	int pushed_count;
	char buffer[512];
	size_t next;
	size_t end;
};

void input_from_string(struct input *in, const char *text);

// Programs that are run share the descriptor, so no more may be read than is
// understood: a terminal hands out lines, from other files single bytes are
// read.  A script's own descriptor is not shared.
void input_from_file(struct input *in, int fd, bool is_terminal, bool is_shared);

// The next character, or INPUT_END.  ^C at the terminal gives the command up.
int input_get(struct input *in);

// For ^C's handler: end a read of commands that is under way.
void input_interrupted(void);

// Put a character back, at most two.
void input_unget(struct input *in, int c);
