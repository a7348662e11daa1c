// SPDX-License-Identifier: MIT
/*
 * Odds and ends of a process.
 */
#pragma once

#include <abi/prctl.h>

int prctl(int option, ...);
