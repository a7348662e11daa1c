// SPDX-License-Identifier: MIT
/*
 * sysinfo(): memory and load (include/uapi/linux/sysinfo.h).
 */
#pragma once

#include <stdint.h>

#define SI_LOAD_SHIFT 16 // a load is a fixed-point number

struct sysinfo {
	int64_t uptime;    // seconds
	uint64_t loads[3]; // over 1, 5 and 15 minutes
	uint64_t totalram; // in units of mem_unit bytes, as the rest
	uint64_t freeram;
	uint64_t sharedram;
	uint64_t bufferram;
	uint64_t totalswap;
	uint64_t freeswap;
	uint16_t procs;
	uint16_t pad;
	uint64_t totalhigh;
	uint64_t freehigh;
	uint32_t mem_unit;
};
