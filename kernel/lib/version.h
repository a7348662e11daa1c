// SPDX-License-Identifier: MIT
#pragma once

// Git's name of the tree that this kernel was built from.  The Makefile writes
// the definition (gen/lib/version.c).
extern const char kernel_version[];
