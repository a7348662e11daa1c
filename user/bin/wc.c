// SPDX-License-Identifier: MIT
/*
 * Count lines, words and bytes.
 *
 * Columns are as wide as the sum of the files' sizes needs, and at least 7 if
 * that is not known before; a single number is not padded.
 */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "wc [-lwc] [file ...]"

struct counts {
	unsigned long lines;
	unsigned long words;
	unsigned long bytes;
};

static int show_lines, show_words, show_bytes;
static int width = 1;

static void
print(const struct counts *c, const char *name)
{
	const char *space = "";

	if (show_lines) {
		printf("%*lu", width, c->lines);
		space = " ";
	}
	if (show_words) {
		printf("%s%*lu", space, width, c->words);
		space = " ";
	}
	if (show_bytes)
		printf("%s%*lu", space, width, c->bytes);
	if (name != NULL)
		printf(" %s", name);
	putchar('\n');
}

static int
count(int fd, struct counts *c)
{
	static char buffer[16384];
	int in_word = 0;
	ssize_t length;

	while ((length = read(fd, buffer, sizeof(buffer))) > 0) {
		c->bytes += (unsigned long)length;
		for (ssize_t i = 0; i < length; i++) {
			int space = isspace((unsigned char)buffer[i]);

			c->lines += buffer[i] == '\n';
			c->words += !in_word && !space;
			in_word = !space;
		}
	}
	return length < 0 ? -1 : 0;
}

static int
wc(const char *name, struct counts *total)
{
	int is_stdin = name == NULL || strcmp(name, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY);
	struct counts c = { 0 };
	int status = 0;

	if (fd < 0) {
		warn("%s", name);
		return 1;
	}
	if (count(fd, &c) < 0) {
		warn("%s", is_stdin ? "standard input" : name);
		status = 1;
	}
	print(&c, name);
	total->lines += c.lines;
	total->words += c.words;
	total->bytes += c.bytes;
	if (!is_stdin)
		close(fd);
	return status;
}

static void
set_width(char *const *names)
{
	unsigned long sum = 0;
	int least = 1;

	for (; *names != NULL; names++) {
		struct stat st;

		if (strcmp(*names, "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(*names, &st))
			continue;
		if (S_ISREG(st.st_mode))
			sum += (unsigned long)st.st_size;
		else
			least = 7;
	}
	for (width = 1; sum >= 10; sum /= 10)
		width++;
	if (width < least)
		width = least;
}

int
main(int argc, char **argv)
{
	static char dash[] = "-";
	char *standard_input[] = { dash, NULL };
	struct counts total = { 0 };
	int status = 0;
	int option;

	while ((option = tool_option(argc, argv, "lwc", USAGE)) != -1) {
		show_lines |= option == 'l';
		show_words |= option == 'w';
		show_bytes |= option == 'c';
	}
	if (!show_lines && !show_words && !show_bytes)
		show_lines = show_words = show_bytes = 1;
	if (argc - optind > 1 || show_lines + show_words + show_bytes > 1)
		set_width(optind < argc ? argv + optind : standard_input);
	if (optind == argc)
		status = wc(NULL, &total);
	for (int i = optind; i < argc; i++)
		status |= wc(argv[i], &total);
	if (argc - optind > 1)
		print(&total, "total");
	tool_exit(status);
}
