// SPDX-License-Identifier: MIT
#pragma once

#include <elf.h>
