// SPDX-License-Identifier: MIT
#pragma once

// Register /proc/meminfo, uptime, loadavg, stat and kstat.  (machineinfo.c)
void machineinfo_init(void);
