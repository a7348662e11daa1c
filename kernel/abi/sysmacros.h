// SPDX-License-Identifier: MIT
/*
 * Device numbers: a major number (which driver) and a minor one (which of its
 * devices) packed into a dev_t as Linux hands it to user programs.
 *
 * Linux keeps 12 bits of major and 20 of minor; the minor's low byte lies
 * below the major so that small numbers look like the 16-bit ones of old.
 */
#pragma once

#include "abi/types.h"

static inline dev_t
makedev(uint32_t major, uint32_t minor)
{
	return (minor & 0xff) | (dev_t)(major & 0xfff) << 8 | (dev_t)(minor & 0xfff00) << 12;
}

static inline uint32_t
major(dev_t dev)
{
	return (dev >> 8) & 0xfff;
}

static inline uint32_t
minor(dev_t dev)
{
	return (dev & 0xff) | ((dev >> 12) & 0xfff00);
}
