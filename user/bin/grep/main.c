// SPDX-License-Identifier: MIT
/*
 * Print the lines of files in which a pattern matches.
 *
 * The status is 0 if any line was selected, 1 if none, 2 after an error.
 */
#include "regex.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tool.h>
#include <unistd.h>

#define USAGE                                         \
	"grep [-EFGHchilnqrsvx] pattern [file ...]\n" \
	"       grep [-EFGHchilnqrsvx] -e pattern ... [file ...]"
#define TROUBLE 2

struct options {
	enum regex_kind kind;
	unsigned int flags;
	bool invert;
	bool count;
	bool names_only;
	bool numbers;
	bool quiet;
	bool recursive;
	bool silent;   // about files that are not there
	int with_name; // -1: if there are several
};

struct patterns {
	struct regex **list;
	size_t count;
};

static struct options opt = { .with_name = -1 };
static struct patterns patterns;
static bool selected_any;
static bool trouble;

static void
add_pattern(const char *text, size_t length)
{
	struct regex **larger =
		reallocarray(patterns.list, patterns.count + 1, sizeof(struct regex *));
	const char *error = NULL;
	struct regex *re;

	if (larger == NULL)
		err(TROUBLE, "pattern");
	patterns.list = larger;
	re = regex_compile(text, length, opt.kind, opt.flags, &error);
	if (re == NULL && error != NULL)
		errx(TROUBLE, "'%.*s': %s", (int)length, text, error);
	if (re == NULL)
		err(TROUBLE, "pattern");
	patterns.list[patterns.count++] = re;
}

/*
 * Each line of an argument is a pattern of its own.
 */
static void
add_patterns(const char *text)
{
	for (;;) {
		size_t length = strcspn(text, "\n");

		add_pattern(text, length);
		if (text[length] == '\0')
			return;
		text += length + 1;
	}
}

static bool
matches(const char *line, size_t length)
{
	for (size_t i = 0; i < patterns.count; i++) {
		if (regex_match(patterns.list[i], line, length))
			return true;
	}
	return false;
}

static void
print_line(const char *name, unsigned long number, const char *line, size_t length)
{
	if (opt.with_name)
		printf("%s:", name);
	if (opt.numbers)
		printf("%lu:", number);
	fwrite(line, 1, length, stdout);
	putchar('\n');
}

static void
print_summary(const char *name, unsigned long selected)
{
	if (opt.count && opt.with_name)
		printf("%s:%lu\n", name, selected);
	else if (opt.count)
		printf("%lu\n", selected);
	if (opt.names_only && selected > 0)
		puts(name);
}

static void
search(FILE *file, const char *name)
{
	char *line = NULL;
	size_t size = 0;
	unsigned long number = 0;
	unsigned long selected = 0;
	ssize_t length;

	while (!ferror(stdout) && (length = getline(&line, &size, file)) > 0) {
		number++;
		if (line[length - 1] == '\n')
			length--;
		if (matches(line, (size_t)length) == opt.invert)
			continue;
		selected++;
		if (opt.quiet)
			exit(0);
		if (opt.names_only)
			break;
		if (!opt.count)
			print_line(name, number, line, (size_t)length);
	}
	if (ferror(file)) {
		trouble = true;
		if (!opt.silent)
			warn("%s", name);
	}
	free(line);
	selected_any |= selected > 0;
	print_summary(name, selected);
}

static void
search_path(const char *path)
{
	FILE *file = fopen(path, "r");

	if (file == NULL) {
		trouble = true;
		if (!opt.silent)
			warn("%s", path);
		return;
	}
	search(file, path);
	fclose(file);
}

/*
 * Links inside of folders are not followed, so there are no rings.
 */
static void
search_folder(const char *folder, bool show_folder)
{
	char **names = tool_names(folder);

	if (names == NULL) {
		trouble = true;
		if (!opt.silent)
			warn("%s", folder);
		return;
	}
	for (char **name = names; *name != NULL; name++) {
		char *path = show_folder ? tool_join(folder, *name) : strdup(*name);
		struct stat st;

		if (path == NULL || lstat(path, &st) < 0) {
			trouble = true;
			warn("%s", *name);
		} else if (S_ISDIR(st.st_mode)) {
			search_folder(path, true);
		} else if (S_ISREG(st.st_mode)) {
			search_path(path);
		}
		free(path);
	}
	tool_free_names(names);
}

static void
search_operand(const char *operand)
{
	struct stat st;

	if (strcmp(operand, "-") == 0) {
		search(stdin, "(standard input)");
	} else if (stat(operand, &st) == 0 && S_ISDIR(st.st_mode)) {
		if (opt.recursive) {
			search_folder(operand, true);
			return;
		}
		trouble = true;
		if (!opt.silent)
			warnx("%s: Is a directory", operand);
	} else {
		search_path(operand);
	}
}

static void
set_option(int option)
{
	switch (option) {
	case 'E':
		opt.kind = REGEX_EXTENDED;
		break;
	case 'F':
		opt.kind = REGEX_FIXED;
		break;
	case 'G':
		opt.kind = REGEX_BASIC;
		break;
	case 'H':
	case 'h':
		opt.with_name = option == 'H';
		break;
	case 'c':
		opt.count = true;
		break;
	case 'i':
		opt.flags |= REGEX_IGNORE_CASE;
		break;
	case 'l':
		opt.names_only = true;
		break;
	case 'n':
		opt.numbers = true;
		break;
	case 'q':
		opt.quiet = true;
		break;
	case 'r':
		opt.recursive = true;
		break;
	case 's':
		opt.silent = true;
		break;
	case 'v':
		opt.invert = true;
		break;
	case 'x':
		opt.flags |= REGEX_WHOLE_LINE;
		break;
	}
}

int
main(int argc, char **argv)
{
	const char **texts = calloc((size_t)argc, sizeof(*texts)); // of -e
	size_t count = 0;
	int option;

	if (texts == NULL)
		err(TROUBLE, "patterns");
	while ((option = tool_option(argc, argv, "EFGHce:hilnqrsvx", USAGE)) != -1) {
		if (option == 'e')
			texts[count++] = optarg;
		else
			set_option(option);
	}
	if (count == 0 && optind == argc)
		tool_usage(USAGE);
	if (count == 0)
		texts[count++] = argv[optind++];
	// The flags may come behind the patterns.
	for (size_t i = 0; i < count; i++)
		add_patterns(texts[i]);
	if (opt.with_name < 0)
		opt.with_name = argc - optind > 1 || opt.recursive;
	if (opt.names_only)
		opt.count = false;
	if (optind == argc && opt.recursive)
		search_folder(".", false);
	else if (optind == argc)
		search_operand("-");
	for (int i = optind; i < argc; i++)
		search_operand(argv[i]);
	free(texts);
	tool_exit(trouble ? TROUBLE : selected_any ? 0 : 1);
}
