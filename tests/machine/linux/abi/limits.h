// SPDX-License-Identifier: MIT
#pragma once

#include <linux/limits.h>
