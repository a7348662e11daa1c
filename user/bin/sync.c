// SPDX-License-Identifier: MIT
/*
 * Write to the disk all that is only in memory.
 */
#include <tool.h>
#include <unistd.h>

#define USAGE "sync"

int
main(int argc, char **argv)
{
	while (tool_option(argc, argv, "", USAGE) != -1)
		continue;
	if (optind < argc)
		tool_usage(USAGE);
	sync();
	return 0;
}
