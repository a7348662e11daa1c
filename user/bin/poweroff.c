// SPDX-License-Identifier: MIT
/*
 * Write everything to the disk and switch the machine off.
 */
#include <err.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "poweroff"

int
main(int argc, char **argv)
{
	while (tool_option(argc, argv, "f", USAGE) != -1)
		continue;
	if (optind < argc)
		tool_usage(USAGE);
	sync();
	reboot((int)RB_POWER_OFF);
	err(EXIT_FAILURE, "the kernel refuses");
}
