// SPDX-License-Identifier: MIT
/*
 * Print the kernel's log.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/klog.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "dmesg"

int
main(int argc, char **argv)
{
	char *log;
	int size;
	int length;

	while (tool_option(argc, argv, "", USAGE) != -1)
		continue;
	if (optind < argc)
		tool_usage(USAGE);
	size = klogctl(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0);
	if (size < 0)
		err(EXIT_FAILURE, "kernel log");
	log = malloc((size_t)size + 1);
	if (log == NULL)
		err(EXIT_FAILURE, "kernel log");
	length = klogctl(SYSLOG_ACTION_READ_ALL, log, size);
	if (length < 0)
		err(EXIT_FAILURE, "kernel log");
	fwrite(log, 1, (size_t)length, stdout);
	if (length > 0 && log[length - 1] != '\n')
		putchar('\n');
	tool_exit(0);
}
