// SPDX-License-Identifier: MIT
/*
 * The shell's variables: a list sorted by name.
 */
#include "vars.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell.h"

struct variable {
	struct variable *next;
	char *value; // NULL: exported, but not set
	bool exported;
	char name[];
};

static struct variable *variables;

bool
vars_is_name(const char *name, size_t length)
{
	if (length == 0 || isdigit((unsigned char)*name))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return false;
	}
	return true;
}

static struct variable **
place_of(const char *name)
{
	struct variable **place = &variables;

	while (*place != NULL && strcmp((*place)->name, name) < 0)
		place = &(*place)->next;
	return place;
}

static struct variable *
find(const char *name)
{
	struct variable *v = *place_of(name);

	return v != NULL && strcmp(v->name, name) == 0 ? v : NULL;
}

static struct variable *
find_or_make(const char *name)
{
	struct variable *v = find(name);
	struct variable **place = place_of(name);

	if (v != NULL)
		return v;
	v = calloc(1, sizeof(*v) + strlen(name) + 1);
	if (v == NULL)
		shell_fail(STATUS_ERROR, "out of memory");
	strcpy(v->name, name);
	v->next = *place;
	*place = v;
	return v;
}

const char *
vars_get(const char *name)
{
	struct variable *v = find(name);

	return v == NULL ? NULL : v->value;
}

void
vars_set(const char *name, const char *value)
{
	struct variable *v = find_or_make(name);
	char *copy = strdup(value);

	if (copy == NULL)
		shell_fail(STATUS_ERROR, "out of memory");
	free(v->value);
	v->value = copy;
}

void
vars_export(const char *name)
{
	find_or_make(name)->exported = true;
}

void
vars_unset(const char *name)
{
	struct variable **place = place_of(name);
	struct variable *v = find(name);

	if (v == NULL)
		return;
	*place = v->next;
	free(v->value);
	free(v);
}

void
vars_assign(const char *assignment)
{
	size_t length = strcspn(assignment, "=");

	vars_set(arena_string(&sh.arena, assignment, length), assignment + length + 1);
}

/*
 * What is no name is not ours to touch; a program would not find it anyway.
 */
void
vars_init(char **environment)
{
	for (; *environment != NULL; environment++) {
		size_t length = strcspn(*environment, "=");

		if ((*environment)[length] == '\0' || !vars_is_name(*environment, length))
			continue;
		vars_assign(*environment);
		vars_export(arena_string(&sh.arena, *environment, length));
	}
}

char **
vars_environment(void)
{
	size_t count = 0;
	char **environment;

	for (struct variable *v = variables; v != NULL; v = v->next)
		count += v->exported && v->value != NULL;
	environment = arena_alloc(&sh.arena, (count + 1) * sizeof(*environment));
	count = 0;
	for (struct variable *v = variables; v != NULL; v = v->next) {
		size_t length = strlen(v->name);
		char *text;

		if (!v->exported || v->value == NULL)
			continue;
		text = arena_alloc(&sh.arena, length + strlen(v->value) + 2);
		memcpy(text, v->name, length);
		text[length] = '=';
		strcpy(text + length + 1, v->value);
		environment[count++] = text;
	}
	environment[count] = NULL;
	return environment;
}

/*
 * In single quotes all but a single quote stands for itself.
 */
static void
print_quoted(const char *text)
{
	putchar('\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
	putchar('\'');
}

void
vars_print(bool only_exported, const char *before)
{
	for (struct variable *v = variables; v != NULL; v = v->next) {
		if ((only_exported && !v->exported) || (!only_exported && v->value == NULL))
			continue;
		printf("%s%s", before, v->name);
		if (v->value != NULL) {
			putchar('=');
			print_quoted(v->value);
		}
		putchar('\n');
	}
}
