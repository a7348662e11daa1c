// SPDX-License-Identifier: MIT
/*
 * What a text being made consists of, for those who ask for it (procfs, devfs);
 * those who make it see vfs/pseudo.h only.
 */
#pragma once

#include "vfs/pseudo.h"

// All zeros: an empty text.
struct pseudo_text {
	char *bytes; // [length], in the heap
	size_t length;
	size_t room;
	int error; // the first failure
};

// Give the bytes back; the text is empty again.
void pseudo_clear(struct pseudo_text *t);
