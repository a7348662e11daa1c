// SPDX-License-Identifier: MIT
/*
 * Print the first lines (-n) or bytes (-c) of files.
 */
#include <ctype.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "head [-n lines] [-c bytes] [file ...]"

static void
print_lines(FILE *file, long lines)
{
	int c;

	while (lines > 0 && !ferror(stdout) && (c = getc(file)) != EOF) {
		putchar(c);
		lines -= c == '\n';
	}
}

static void
print_bytes(FILE *file, long bytes)
{
	int c;

	for (; bytes > 0 && !ferror(stdout) && (c = getc(file)) != EOF; bytes--)
		putchar(c);
}

static int
head(const char *name, long count, int bytes)
{
	int is_stdin = strcmp(name, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(name, "r");
	int status = 0;

	if (file == NULL) {
		warn("%s", name);
		return 1;
	}
	if (bytes)
		print_bytes(file, count);
	else
		print_lines(file, count);
	if (ferror(file)) {
		warn("%s", is_stdin ? "standard input" : name);
		status = 1;
	}
	if (!is_stdin)
		fclose(file);
	return status;
}

int
main(int argc, char **argv)
{
	long count = 10;
	int bytes = 0;
	int status = 0;
	int option;

	// "-5" is an old way to write "-n 5".
	if (argc > 1 && argv[1][0] == '-' && isdigit((unsigned char)argv[1][1])) {
		count = tool_number(argv[1] + 1, "lines", 0, LONG_MAX);
		optind = 2;
	}
	while ((option = tool_option(argc, argv, "n:c:", USAGE)) != -1) {
		bytes = option == 'c';
		count = tool_number(optarg, bytes ? "bytes" : "lines", 0, LONG_MAX);
	}
	if (optind == argc)
		status = head("-", count, bytes);
	for (int i = optind; i < argc; i++) {
		if (argc - optind > 1)
			printf("%s==> %s <==\n", i > optind ? "\n" : "",
			       strcmp(argv[i], "-") == 0 ? "standard input" : argv[i]);
		status |= head(argv[i], count, bytes);
	}
	tool_exit(status);
}
