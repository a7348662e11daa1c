// SPDX-License-Identifier: MIT
/*
 * List files and what is in folders.
 *
 * To a terminal names stand in columns; elsewhere, and with -1, one a line.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <tool.h>
#include <unistd.h>

#define USAGE     "ls [-1adhilR] [file ...]"
#define HALF_YEAR (365L * 86400 / 2) // older files show the year, not the hour
#define DATE_SIZE 16
#define SIZE_TEXT 32

static bool show_all, in_columns, human, show_inode, long_format, recursive, folder_itself;
static int width = 80; // of the terminal
static time_t now;

struct entry {
	char *name; // as it is shown
	char *path; // as it is found
	struct stat st;
	bool known; // stat() worked
};

struct list {
	struct entry *entries;
	size_t count;
};

// How wide columns must be.
struct widths {
	int inode;
	int links;
	int owner;
	int group;
	int size; // at least that of "major, minor" if there are devices
	int major;
	int minor;
	int name;
};

static void
add(struct list *list, const char *name, char *path, const struct stat *st)
{
	struct entry *larger = reallocarray(list->entries, list->count + 1, sizeof(*larger));

	if (larger == NULL)
		err(EXIT_FAILURE, "%s", path);
	list->entries = larger;
	list->entries[list->count] = (struct entry){ .name = strdup(name), .path = path };
	if (list->entries[list->count].name == NULL)
		err(EXIT_FAILURE, "%s", path);
	if (st != NULL) {
		list->entries[list->count].st = *st;
		list->entries[list->count].known = true;
	}
	list->count++;
}

static void
free_list(struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->entries[i].name);
		free(list->entries[i].path);
	}
	free(list->entries);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/*
 * Make *column at least as wide as the text.
 */
static void
widen(int *column, const char *text)
{
	int length = (int)strlen(text);

	if (*column < length)
		*column = length;
}

static void
widen_number(int *column, unsigned long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", number);
	widen(column, text);
}

static bool
is_device(const struct entry *e)
{
	return S_ISCHR(e->st.st_mode) || S_ISBLK(e->st.st_mode);
}

static const char *
size_text(char *text, const struct entry *e, const struct widths *w)
{
	unsigned long size = (unsigned long)e->st.st_size;

	if (is_device(e))
		snprintf(text, SIZE_TEXT, "%*u, %*u", w->major, major(e->st.st_rdev), w->minor,
			 minor(e->st.st_rdev));
	else if (human)
		tool_human_size(text, size);
	else
		snprintf(text, SIZE_TEXT, "%lu", size);
	return text;
}

static struct widths
measure(const struct list *list)
{
	struct widths w = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		widen_number(&w.inode, e->st.st_ino);
		widen_number(&w.links, e->st.st_nlink);
		widen_number(&w.owner, e->st.st_uid);
		widen_number(&w.group, e->st.st_gid);
		if (is_device(e)) {
			widen_number(&w.major, major(e->st.st_rdev));
			widen_number(&w.minor, minor(e->st.st_rdev));
		}
		widen(&w.name, e->name);
	}
	for (size_t i = 0; i < list->count; i++) {
		char text[SIZE_TEXT];

		widen(&w.size, size_text(text, &list->entries[i], &w));
	}
	return w;
}

static const char *
date_text(char *text, time_t time)
{
	bool recent = time <= now && time > now - HALF_YEAR;
	struct tm tm;

	if (gmtime_r(&time, &tm) == NULL)
		return "?";
	strftime(text, DATE_SIZE, recent ? "%b %e %H:%M" : "%b %e  %Y", &tm);
	return text;
}

static void
print_long(const struct entry *e, const struct widths *w)
{
	char mode[11], size[SIZE_TEXT], date[DATE_SIZE];

	if (show_inode)
		printf("%*lu ", w->inode, e->st.st_ino);
	printf("%s %*u %*u %*u %*s %s %s", tool_mode_text(mode, e->st.st_mode), w->links,
	       e->st.st_nlink, w->owner, e->st.st_uid, w->group, e->st.st_gid, w->size,
	       size_text(size, e, w), date_text(date, e->st.st_mtim.tv_sec), e->name);
	if (S_ISLNK(e->st.st_mode)) {
		char target[PATH_MAX];
		ssize_t length = readlink(e->path, target, sizeof(target));

		if (length >= 0)
			printf(" -> %.*s", (int)length, target);
	}
	putchar('\n');
}

static void
print_short(const struct entry *e, const struct widths *w)
{
	if (show_inode)
		printf("%*lu ", w->inode, e->st.st_ino);
	fputs(e->name, stdout);
}

/*
 * Down each column first.
 */
static void
print_columns(const struct list *list, const struct widths *w)
{
	int cell = w->name + 2 + (show_inode ? w->inode + 1 : 0);
	size_t columns = cell < width ? (size_t)(width / cell) : 1;
	size_t rows = (list->count + columns - 1) / columns;

	for (size_t row = 0; row < rows; row++) {
		for (size_t i = row; i < list->count; i += rows) {
			const struct entry *e = &list->entries[i];

			print_short(e, w);
			if (i + rows < list->count)
				printf("%*s", w->name + 2 - (int)strlen(e->name), "");
		}
		putchar('\n');
	}
}

static void
print_list(const struct list *list)
{
	struct widths w = measure(list);

	if (in_columns && !long_format) {
		print_columns(list, &w);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (long_format && e->known) {
			print_long(e, &w);
		} else {
			print_short(e, &w);
			putchar('\n');
		}
	}
}

static int
add_name(struct list *list, const char *folder, const char *name)
{
	bool needs_stat = long_format || show_inode || recursive;
	char *path = tool_join(folder, name);
	struct stat st;
	int status = 0;

	if (needs_stat && lstat(path, &st) < 0) {
		warn("%s", path);
		needs_stat = false;
		status = 1;
	}
	add(list, name, path, needs_stat ? &st : NULL);
	return status;
}

static void
print_total(const struct list *list)
{
	unsigned long kib = 0;
	char text[8];

	for (size_t i = 0; i < list->count; i++)
		kib += (unsigned long)list->entries[i].st.st_blocks / 2;
	if (human)
		printf("total %s\n", tool_human_size(text, kib * 1024));
	else
		printf("total %lu\n", kib);
}

/*
 * List what is in a folder, after a line with its name if there are several.
 */
static int
list_folder(const char *path, bool with_name)
{
	static bool first = true;
	struct list list = { 0 };
	char **names = tool_names(path);
	int status = 0;

	if (names == NULL) {
		warn("cannot open '%s'", path);
		return 1;
	}
	if (with_name)
		printf("%s%s:\n", first ? "" : "\n", path);
	first = false;
	if (show_all) {
		status |= add_name(&list, path, ".");
		status |= add_name(&list, path, "..");
	}
	for (char **name = names; *name != NULL; name++) {
		if (show_all || **name != '.')
			status |= add_name(&list, path, *name);
	}
	tool_free_names(names);
	if (long_format)
		print_total(&list);
	print_list(&list);
	for (size_t i = show_all ? 2 : 0; recursive && i < list.count; i++) {
		if (S_ISDIR(list.entries[i].st.st_mode))
			status |= list_folder(list.entries[i].path, true);
	}
	free_list(&list);
	return status;
}

/*
 * Files first, then folders, each sorted.
 */
static int
list_operands(char **operands, int count)
{
	struct list files = { 0 };
	struct list folders = { 0 };
	int status = 0;

	for (int i = 0; i < count; i++) {
		// A link to a folder is listed as a folder, unless it is looked at closely.
		bool follow = !long_format && !folder_itself;
		char *path = strdup(operands[i]);
		struct stat st;

		if (path == NULL)
			err(EXIT_FAILURE, "%s", operands[i]);
		if ((!follow || stat(path, &st) < 0) && lstat(path, &st) < 0) {
			warn("cannot access '%s'", path);
			free(path);
			status = 1;
		} else if (S_ISDIR(st.st_mode) && !folder_itself) {
			add(&folders, operands[i], path, &st);
		} else {
			add(&files, operands[i], path, &st);
		}
	}
	qsort(files.entries, files.count, sizeof(*files.entries), compare);
	qsort(folders.entries, folders.count, sizeof(*folders.entries), compare);
	if (files.count > 0)
		print_list(&files);
	if (files.count > 0 && folders.count > 0)
		putchar('\n');
	for (size_t i = 0; i < folders.count; i++)
		status |= list_folder(folders.entries[i].path, count > 1 || recursive);
	free_list(&files);
	free_list(&folders);
	return status;
}

static void
set_option(int option)
{
	switch (option) {
	case 'a':
		show_all = true;
		break;
	case 'C':
		in_columns = true;
		break;
	case '1':
		in_columns = false;
		break;
	case 'd':
		folder_itself = true;
		break;
	case 'h':
		human = true;
		break;
	case 'i':
		show_inode = true;
		break;
	case 'l':
		long_format = true;
		break;
	case 'R':
		recursive = true;
		break;
	}
}

int
main(int argc, char **argv)
{
	static char here[] = ".";
	char *nothing[] = { here };
	struct winsize size;
	int option;

	in_columns = isatty(STDOUT_FILENO);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		width = size.ws_col;
	while ((option = tool_option(argc, argv, "1aCdhilR", USAGE)) != -1)
		set_option(option);
	now = time(NULL);
	if (optind == argc)
		tool_exit(list_operands(nothing, 1));
	tool_exit(list_operands(argv + optind, argc - optind));
}
