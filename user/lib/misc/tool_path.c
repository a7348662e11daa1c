// SPDX-License-Identifier: MIT
/*
 * Paths, and the names in a folder.
 */
#include <tool.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
tool_basename(const char *path)
{
	const char *name = path;

	for (const char *p = path; *p != '\0'; p++) {
		if (*p == '/' && p[1] != '/' && p[1] != '\0')
			name = p + 1;
	}
	return name;
}

char *
tool_join(const char *folder, const char *name)
{
	size_t length = strlen(folder);
	const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
	char *path;

	if (asprintf(&path, "%s%s%s", folder, slash, name) < 0)
		err(EXIT_FAILURE, "%s/%s", folder, name);
	return path;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

void
tool_free_names(char **names)
{
	for (char **name = names; *name != NULL; name++)
		free(*name);
	free(names);
}

/*
 * Add a copy of name before the NULL that ends the array.
 */
static char **
add_name(char **names, size_t count, const char *name)
{
	// Room for 8, 16, 32 ... is there already, but for these counts.
	if (count >= 7 && (count & (count + 1)) == 0) {
		char **larger = reallocarray(names, 2 * (count + 1), sizeof(*names));

		if (larger == NULL)
			return NULL;
		names = larger;
	}
	names[count] = strdup(name);
	if (names[count] == NULL)
		return NULL;
	names[count + 1] = NULL;
	return names;
}

char **
tool_names(const char *folder)
{
	DIR *dir = opendir(folder);
	char **names = calloc(8, sizeof(*names));
	struct dirent *entry;
	size_t count = 0;

	if (dir == NULL || names == NULL)
		goto fail;
	while (errno = 0, (entry = readdir(dir)) != NULL) {
		char **more;

		if (is_dots(entry->d_name))
			continue;
		more = add_name(names, count, entry->d_name);
		if (more == NULL)
			goto fail;
		names = more;
		count++;
	}
	if (errno != 0)
		goto fail;
	closedir(dir);
	qsort(names, count, sizeof(*names), compare_names);
	return names;

fail:
	int error = errno;

	if (dir != NULL)
		closedir(dir);
	if (names != NULL)
		tool_free_names(names);
	errno = error;
	return NULL;
}
