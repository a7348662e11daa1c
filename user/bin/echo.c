// SPDX-License-Identifier: MIT
/*
 * Print the arguments.  -n: without a newline behind them.
 */
#include <stdio.h>
#include <string.h>
#include <tool.h>

int
main(int argc, char **argv)
{
	int newline = argc < 2 || strcmp(argv[1], "-n") != 0;

	for (int i = newline ? 1 : 2; i < argc; i++) {
		fputs(argv[i], stdout);
		if (i + 1 < argc)
			putchar(' ');
	}
	if (newline)
		putchar('\n');
	tool_exit(0);
}
