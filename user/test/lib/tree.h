// SPDX-License-Identifier: MIT
#pragma once

// Remove a folder and all in it.  0, or -1 and errno.
int tree_remove(const char *path);
