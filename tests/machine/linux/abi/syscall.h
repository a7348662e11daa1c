// SPDX-License-Identifier: MIT
// The numbers of the system that the tests run on when that is not Fawn.
#pragma once

#include <sys/syscall.h>
