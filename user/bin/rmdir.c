// SPDX-License-Identifier: MIT
/*
 * Remove empty folders.
 */
#include <err.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "rmdir folder ..."

int
main(int argc, char **argv)
{
	int status = 0;

	while (tool_option(argc, argv, "", USAGE) != -1)
		continue;
	if (optind == argc)
		tool_usage(USAGE);
	for (int i = optind; i < argc; i++) {
		if (rmdir(argv[i]) < 0) {
			warn("failed to remove '%s'", argv[i]);
			status = 1;
		}
	}
	return status;
}
