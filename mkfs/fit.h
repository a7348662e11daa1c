// SPDX-License-Identifier: MIT
/*
 * Does the folder fit?  Says what doesn't, and what would do.
 */
#pragma once

#include "layout.h"
#include "source.h"

#include <stdint.h>

// Choose the layout of an image of so many blocks for everything in s, with at
// least so many inodes (0: as many as seem right).  Fails with a message that
// names the first node that doesn't fit.
void fit_layout(struct layout *l, const struct source *s, uint64_t blocks, uint64_t inodes);
