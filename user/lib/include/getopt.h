// SPDX-License-Identifier: MIT
/*
 * getopt() is in <unistd.h>; some programs look for it here.
 */
#pragma once

#include <unistd.h>
