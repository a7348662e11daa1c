// SPDX-License-Identifier: MIT
/*
 * Print how much memory there is and what it is used for, in KiB (-h: readable).
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tool.h>
#include <unistd.h>

#define USAGE   "free [-h | -b | -m]"
#define MEMINFO "/proc/meminfo"

struct field {
	const char *name;
	unsigned long kib;
};

enum { TOTAL, FREE, AVAILABLE, BUFFERS, CACHED, FIELDS };

/*
 * Lines are "Name:    number kB".  What is not there counts as 0.
 */
static void
read_fields(struct field *fields)
{
	FILE *file = fopen(MEMINFO, "r");
	char line[128];

	if (file == NULL)
		err(EXIT_FAILURE, MEMINFO);
	while (fgets(line, sizeof(line), file) != NULL) {
		for (int i = 0; i < FIELDS; i++) {
			size_t length = strlen(fields[i].name);

			if (strncmp(line, fields[i].name, length) == 0 && line[length] == ':')
				fields[i].kib = strtoul(line + length + 1, NULL, 10);
		}
	}
	if (ferror(file))
		err(EXIT_FAILURE, MEMINFO);
	fclose(file);
}

static void
print(unsigned long kib, int unit)
{
	char text[8];

	if (unit == 'h')
		printf(" %11s", tool_human_size(text, kib * 1024));
	else if (unit == 'm')
		printf(" %11lu", kib / 1024);
	else
		printf(" %11lu", unit == 'b' ? kib * 1024 : kib);
}

int
main(int argc, char **argv)
{
	struct field fields[FIELDS] = {
		[TOTAL] = { .name = "MemTotal" },         [FREE] = { .name = "MemFree" },
		[AVAILABLE] = { .name = "MemAvailable" }, [BUFFERS] = { .name = "Buffers" },
		[CACHED] = { .name = "Cached" },
	};
	unsigned long cache, used;
	int unit = 'k';
	int option;

	while ((option = tool_option(argc, argv, "hbkm", USAGE)) != -1)
		unit = option;
	if (optind < argc)
		tool_usage(USAGE);
	read_fields(fields);
	cache = fields[BUFFERS].kib + fields[CACHED].kib;
	used = fields[TOTAL].kib - fields[FREE].kib - cache;
	printf("%5s %11s %11s %11s %11s %11s\n", "", "total", "used", "free", "buff/cache",
	       "available");
	printf("Mem: ");
	print(fields[TOTAL].kib, unit);
	print(used, unit);
	print(fields[FREE].kib, unit);
	print(cache, unit);
	print(fields[AVAILABLE].kib, unit);
	putchar('\n');
	tool_exit(0);
}
