// SPDX-License-Identifier: MIT
/*
 * The machine and its system.
 */
#pragma once

#include <abi/utsname.h>

int uname(struct utsname *name);
