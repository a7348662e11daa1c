// SPDX-License-Identifier: MIT
/*
 * Write everything to the disk and start the machine anew.
 */
#include <err.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "reboot"

int
main(int argc, char **argv)
{
	while (tool_option(argc, argv, "f", USAGE) != -1)
		continue;
	if (optind < argc)
		tool_usage(USAGE);
	sync();
	reboot((int)RB_AUTOBOOT);
	err(EXIT_FAILURE, "the kernel refuses");
}
