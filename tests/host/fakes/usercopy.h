// SPDX-License-Identifier: MIT
// usercopy.c: the memory of the one user process that there is.
#pragma once

#include "arch/types.h"

#define FAKE_USER_SIZE (1 << 20)

uaddr_t fake_user_memory(void);
