// SPDX-License-Identifier: MIT
/*
 * How stdio gets its buffers written when the program ends.
 */
#pragma once

extern void (*__flush_all)(void);
