// SPDX-License-Identifier: MIT
/*
 * Parts of device numbers.
 */
#pragma once

#include <abi/sysmacros.h>
