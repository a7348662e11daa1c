// SPDX-License-Identifier: MIT
/*
 * The environment: environ, an array of "NAME=VALUE".
 *
 * The first change moves the array into memory of our own.  Strings that are
 * replaced are never freed: the program may still hold what getenv() returned.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char **own; // environ, if we allocated it

static size_t
count_entries(void)
{
	size_t count = 0;

	while (environ != NULL && environ[count] != NULL)
		count++;
	return count;
}

/*
 * Where name is set, or NULL.
 */
static char **
find(const char *name, size_t length)
{
	if (environ == NULL)
		return NULL;
	for (char **entry = environ; *entry != NULL; entry++) {
		if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
			return entry;
	}
	return NULL;
}

char *
getenv(const char *name)
{
	size_t length = strcspn(name, "=");
	char **entry = find(name, length);

	return entry == NULL || length == 0 ? NULL : *entry + length + 1;
}

static int
check_name(const char *name)
{
	if (*name == '\0' || strchr(name, '=') != NULL) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

int
putenv(char *assignment)
{
	size_t length = strcspn(assignment, "=");
	char **entry = find(assignment, length);
	size_t count;
	char **array;

	if (assignment[length] == '\0')
		return unsetenv(assignment);
	if (entry != NULL) {
		*entry = assignment;
		return 0;
	}
	count = count_entries();
	array = realloc(environ == own ? own : NULL, (count + 2) * sizeof(*array));
	if (array == NULL)
		return -1;
	if (environ != own && count > 0)
		memcpy(array, environ, count * sizeof(*array));
	array[count] = assignment;
	array[count + 1] = NULL;
	environ = own = array;
	return 0;
}

int
setenv(const char *name, const char *value, int overwrite)
{
	size_t length = strlen(name);
	char *assignment;

	if (check_name(name) < 0)
		return -1;
	if (!overwrite && getenv(name) != NULL)
		return 0;
	assignment = malloc(length + strlen(value) + 2);
	if (assignment == NULL)
		return -1;
	memcpy(assignment, name, length);
	assignment[length] = '=';
	strcpy(assignment + length + 1, value);
	if (putenv(assignment) < 0) {
		free(assignment);
		return -1;
	}
	return 0;
}

int
unsetenv(const char *name)
{
	char **entry;

	if (check_name(name) < 0)
		return -1;
	while ((entry = find(name, strlen(name))) != NULL) {
		for (; *entry != NULL; entry++)
			entry[0] = entry[1];
	}
	return 0;
}

int
clearenv(void)
{
	if (environ != NULL)
		*environ = NULL;
	return 0;
}
