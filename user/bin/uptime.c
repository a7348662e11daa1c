// SPDX-License-Identifier: MIT
/*
 * Print the time, how long the machine has run, and its load.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "uptime"

static void
print_load(unsigned long load)
{
	unsigned long hundredths = (load * 100 + (1UL << (SI_LOAD_SHIFT - 1))) >> SI_LOAD_SHIFT;

	printf(" %lu.%02lu", hundredths / 100, hundredths % 100);
}

int
main(int argc, char **argv)
{
	struct timespec now, up;
	struct sysinfo info;
	struct tm tm;
	char clock[16];
	long minutes;

	while (tool_option(argc, argv, "", USAGE) != -1)
		continue;
	if (optind < argc)
		tool_usage(USAGE);
	if (clock_gettime(CLOCK_REALTIME, &now) < 0 || clock_gettime(CLOCK_BOOTTIME, &up) < 0)
		err(EXIT_FAILURE, "clock");
	if (sysinfo(&info) < 0)
		err(EXIT_FAILURE, "sysinfo");
	gmtime_r(&now.tv_sec, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	minutes = up.tv_sec / 60;
	printf(" %s up ", clock);
	if (minutes >= 24 * 60)
		printf("%ld days, ", minutes / (24 * 60));
	printf("%ld:%02ld:%02ld, %u processes, load:", minutes / 60 % 24, minutes % 60,
	       up.tv_sec % 60, info.procs);
	for (int i = 0; i < 3; i++)
		print_load(info.loads[i]);
	putchar('\n');
	tool_exit(0);
}
