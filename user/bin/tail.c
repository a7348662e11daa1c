// SPDX-License-Identifier: MIT
/*
 * Print the last lines (-n) or bytes (-c) of files; with +N, all from the N-th on.
 *
 * A file that can be read anywhere is searched from its end, a block at a time.
 * Of what comes through a pipe only the last lines or bytes are kept.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "tail [-n [+]lines] [-c [+]bytes] [file ...]"
#define BLOCK 4096

struct wish {
	long count;
	bool bytes;      // not lines
	bool from_start; // +N
};

/*
 * Print all from the count-th line or byte on.
 */
static int
print_from(FILE *file, const struct wish *wish)
{
	long skip = wish->count - 1;
	int c = 0;

	while (skip > 0 && (c = getc(file)) != EOF)
		skip -= wish->bytes || c == '\n';
	while (!ferror(stdout) && (c = getc(file)) != EOF)
		putchar(c);
	return ferror(file) ? -1 : 0;
}

/*
 * Print the last lines, keeping those seen in a ring.
 */
static int
print_last_lines(FILE *file, long count)
{
	struct line {
		char *text;
		size_t size;
		ssize_t length;
	} *ring = NULL;
	size_t used = 0;
	size_t next = 0; // the oldest, once the ring is full
	struct line line = { 0 };
	int result = 0;

	if (count == 0)
		return 0;
	while ((line.length = getline(&line.text, &line.size, file)) >= 0) {
		if (used < (size_t)count) {
			struct line *larger = reallocarray(ring, used + 1, sizeof(*ring));

			if (larger == NULL)
				goto out;
			ring = larger;
			ring[used++] = line;
			line = (struct line){ 0 };
		} else {
			struct line oldest = ring[next];

			ring[next] = line;
			line = oldest;
			next = (next + 1) % used;
		}
	}
	for (size_t i = 0; i < used; i++) {
		struct line *l = &ring[(next + i) % used];

		fwrite(l->text, 1, (size_t)l->length, stdout);
	}
out:
	result = ferror(file) || (ring == NULL && used > 0) ? -1 : 0;
	for (size_t i = 0; i < used; i++)
		free(ring[i].text);
	free(ring);
	free(line.text);
	return result;
}

/*
 * Print the last bytes: two halves of a buffer, the newer one being filled.
 */
static int
print_last_bytes(FILE *file, size_t count)
{
	char *older = malloc(count + 1);
	char *newer = malloc(count + 1);
	size_t length = 0;
	size_t older_length = 0;
	int result = -1;

	if (older == NULL || newer == NULL)
		goto out;
	while ((length = fread(newer, 1, count, file)) == count && count > 0) {
		char *swap = older;

		older = newer;
		newer = swap;
		older_length = count;
	}
	if (ferror(file))
		goto out;
	if (older_length > 0)
		fwrite(older + length, 1, older_length - length, stdout);
	fwrite(newer, 1, length, stdout);
	result = 0;
out:
	free(older);
	free(newer);
	return result;
}

/*
 * The offset where the last lines begin, or -1 on an error.  A newline that
 * ends the file ends its last line and does not begin another.
 */
static off_t
find_last_lines(int fd, off_t end, long count)
{
	char block[BLOCK];
	off_t start = end;

	if (count == 0)
		return end;
	while (start > 0) {
		size_t length = start < BLOCK ? (size_t)start : BLOCK;

		start -= (off_t)length;
		if (pread(fd, block, length, start) != (ssize_t)length)
			return -1;
		while (length-- > 0) {
			if (block[length] != '\n' || start + (off_t)length + 1 == end)
				continue;
			if (--count == 0)
				return start + (off_t)length + 1;
		}
	}
	return 0;
}

static int
print_tail(int fd, FILE *file, const struct wish *wish)
{
	off_t end = lseek(fd, 0, SEEK_CUR) < 0 ? -1 : lseek(fd, 0, SEEK_END);
	off_t start;

	if (end < 0)
		return wish->bytes ? print_last_bytes(file, (size_t)wish->count)
				   : print_last_lines(file, wish->count);
	if (wish->bytes)
		start = end > wish->count ? end - wish->count : 0;
	else
		start = find_last_lines(fd, end, wish->count);
	if (start < 0 || lseek(fd, start, SEEK_SET) < 0)
		return -1;
	return print_from(file, &(struct wish){ .count = 1 });
}

static int
tail(const char *name, const struct wish *wish)
{
	bool is_stdin = strcmp(name, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(name, "r");
	int result;

	if (file == NULL) {
		warn("%s", name);
		return 1;
	}
	result = wish->from_start ? print_from(file, wish) : print_tail(fileno(file), file, wish);
	if (result < 0)
		warn("%s", is_stdin ? "standard input" : name);
	if (!is_stdin)
		fclose(file);
	return result < 0;
}

static void
set_count(struct wish *wish, const char *text)
{
	const char *what = wish->bytes ? "bytes" : "lines";

	wish->from_start = text[0] == '+';
	if ((text[0] == '+' || text[0] == '-') && isdigit((unsigned char)text[1]))
		text++;
	wish->count = tool_number(text, what, 0, LONG_MAX);
}

int
main(int argc, char **argv)
{
	struct wish wish = { .count = 10 };
	int status = 0;
	int option;

	// "-5" is an old way to write "-n 5".
	if (argc > 1 && argv[1][0] == '-' && isdigit((unsigned char)argv[1][1])) {
		set_count(&wish, argv[1]);
		optind = 2;
	}
	while ((option = tool_option(argc, argv, "n:c:", USAGE)) != -1) {
		wish.bytes = option == 'c';
		set_count(&wish, optarg);
	}
	if (optind == argc)
		status = tail("-", &wish);
	for (int i = optind; i < argc; i++) {
		if (argc - optind > 1)
			printf("%s==> %s <==\n", i > optind ? "\n" : "",
			       strcmp(argv[i], "-") == 0 ? "standard input" : argv[i]);
		status |= tail(argv[i], &wish);
	}
	tool_exit(status);
}
