// SPDX-License-Identifier: MIT
/*
 * Builtins about variables, parameters and options.
 */
#include "builtin.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell.h"
#include "vars.h"

static bool
check_name(const char *command, const char *name, size_t length)
{
	if (vars_is_name(name, length))
		return true;
	shell_warn("%s: '%.*s' is not a name", command, (int)length, name);
	return false;
}

int
builtin_export(int argc, char **argv)
{
	int status = 0;

	if (argc == 1 || (argc == 2 && strcmp(argv[1], "-p") == 0)) {
		vars_print(true, "export ");
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		size_t length = strcspn(argv[i], "=");

		if (!check_name("export", argv[i], length)) {
			status = STATUS_ERROR;
			continue;
		}
		if (argv[i][length] == '=')
			vars_assign(argv[i]);
		vars_export(arena_string(&sh.arena, argv[i], length));
	}
	return status;
}

int
builtin_unset(int argc, char **argv)
{
	int status = 0;

	for (int i = argc > 1 && strcmp(argv[1], "-v") == 0 ? 2 : 1; i < argc; i++) {
		if (check_name("unset", argv[i], strlen(argv[i])))
			vars_unset(argv[i]);
		else
			status = STATUS_ERROR;
	}
	return status;
}

void
builtin_set_positional(char *const *arguments)
{
	size_t count = 0;
	char **copy;

	while (arguments[count] != NULL)
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	for (size_t i = 0; copy != NULL && i < count; i++) {
		copy[i] = strdup(arguments[i]);
		if (copy[i] == NULL)
			copy = NULL;
	}
	if (copy == NULL)
		shell_fail(STATUS_ERROR, "out of memory");
	for (size_t i = 0; sh.positional != NULL && sh.positional[i] != NULL; i++)
		free(sh.positional[i]);
	free(sh.positional);
	sh.positional = copy;
}

int
builtin_shift(int argc, char **argv)
{
	char *end;
	long count = argc > 1 ? strtol(argv[1], &end, 10) : 1;
	long have = 0;

	while (sh.positional[have] != NULL)
		have++;
	if (count < 0 || count > have || (argc > 1 && *end != '\0')) {
		shell_warn("shift: there are %ld parameters", have);
		return 1;
	}
	for (long i = 0; i < count; i++)
		free(sh.positional[i]);
	memmove(sh.positional, sh.positional + count,
		(size_t)(have - count + 1) * sizeof(*sh.positional));
	return 0;
}

/*
 * set: print; set -ex, +ex: options; set [--] word ...: parameters.
 */
int
builtin_set(int argc, char **argv)
{
	int i;

	if (argc == 1)
		vars_print(false, "");
	for (i = 1; i < argc && (argv[i][0] == '-' || argv[i][0] == '+'); i++) {
		bool on = argv[i][0] == '-';

		if (strcmp(argv[i], "--") == 0) {
			builtin_set_positional(argv + i + 1);
			return 0;
		}
		for (const char *letter = argv[i] + 1; *letter != '\0'; letter++) {
			if (*letter == 'e') {
				sh.exit_on_error = on;
			} else if (*letter == 'x') {
				sh.trace = on;
			} else {
				shell_warn("set: unknown option %c%c", argv[i][0], *letter);
				return STATUS_ERROR;
			}
		}
	}
	if (i < argc)
		builtin_set_positional(argv + i);
	return 0;
}

struct line {
	char *text;
	bool *escaped; // which characters a backslash protects from IFS
	size_t length;
	size_t size;
};

static void
add_char(struct line *line, char c, bool escaped)
{
	if (line->length + 1 >= line->size) {
		size_t larger = line->size == 0 ? 64 : line->size * 2;
		char *text = arena_alloc(&sh.arena, larger);
		bool *marks = arena_alloc(&sh.arena, larger * sizeof(*marks));

		if (line->length > 0) {
			memcpy(text, line->text, line->length);
			memcpy(marks, line->escaped, line->length * sizeof(*marks));
		}
		line->text = text;
		line->escaped = marks;
		line->size = larger;
	}
	line->text[line->length] = c;
	line->escaped[line->length++] = escaped;
}

/*
 * A byte at a time, since what follows the line is for others.  Returns false
 * at the end of the input.
 */
static bool
read_byte(char *c)
{
	ssize_t count;

	while ((count = read(STDIN_FILENO, c, 1)) < 0) {
		if (errno != EINTR) {
			shell_warn("read: %s", strerror(errno));
			return false;
		}
		if (sh.interrupted)
			shell_interrupt();
	}
	return count > 0;
}

static bool
read_line(struct line *line, bool raw)
{
	char c;

	while (read_byte(&c)) {
		if (c == '\\' && !raw) {
			if (!read_byte(&c))
				break;
			if (c != '\n')
				add_char(line, c, true);
			continue;
		}
		if (c == '\n')
			return true;
		if (c != '\0')
			add_char(line, c, false);
	}
	return false;
}

/*
 * Is the character at i one that separates, and of the white kind if asked for?
 */
static bool
separates(const struct line *line, size_t i, const char *ifs, bool white)
{
	char c;

	if (i >= line->length || line->escaped[i])
		return false;
	c = line->text[i];
	return strchr(ifs, c) != NULL && (!white || isspace((unsigned char)c));
}

/*
 * Cut the line into as many pieces as there are names; the last gets the rest,
 * without a separator that only ends it.
 */
static void
assign_pieces(const struct line *line, char **names)
{
	const char *ifs = vars_get("IFS");
	size_t i = 0;

	if (ifs == NULL)
		ifs = " \t\n";
	while (separates(line, i, ifs, true))
		i++;
	for (; *names != NULL; names++) {
		size_t start = i;
		size_t end;

		while (i < line->length && !separates(line, i, ifs, false))
			i++;
		end = i;
		while (separates(line, i, ifs, true))
			i++;
		if (separates(line, i, ifs, false))
			i++;
		while (separates(line, i, ifs, true))
			i++;
		if (names[1] == NULL && i < line->length) {
			end = line->length;
			while (end > start && separates(line, end - 1, ifs, true))
				end--;
		}
		vars_set(*names, end > start
					 ? arena_string(&sh.arena, line->text + start, end - start)
					 : "");
	}
}

int
builtin_read(int argc, char **argv)
{
	bool raw = argc > 1 && strcmp(argv[1], "-r") == 0;
	int first = raw ? 2 : 1;
	struct line line = { 0 };
	bool complete;

	if (first >= argc) {
		shell_warn("usage: read [-r] name ...");
		return STATUS_ERROR;
	}
	for (int i = first; i < argc; i++) {
		if (!check_name("read", argv[i], strlen(argv[i])))
			return STATUS_ERROR;
	}
	complete = read_line(&line, raw);
	assign_pieces(&line, argv + first);
	return complete ? 0 : 1;
}
